package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static dev.keyledger.standalone.everyday.Problems.assertWrongField;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
@ExtendWith(SharedStandalone.class)
class Refused4xxIT {
  private static final String UNKNOWN = "/v1/keys/key_01k0000000000000000000000x";

  private KeyledgerProcess keyledger;
  private Client root;
  private Issuer issuer;

  @BeforeEach
  void keyledger(KeyledgerProcess shared) {
    keyledger = shared;
    root = shared.root();
    issuer = shared.issuer();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{\"permissions\": [null]}",
        "{\"status\": \"active\"}",
        "{\"workspace\": \"other\"}",
        "{\"name\": 1}",
        "{\"name\": \"a\", \"name\": \"a\"}",
        "{\"permissions\": \"read:users\"}",
        "{\"owner\": []}",
        "{\"metadata\": {\"a\": 1}}",
        "{\"lifetime\": \"-P1D\"}",
        "{\"lifetime\": \"P1M\"}",
        "{\"expiresAt\": \"+999999999-12-31T23:59:59Z\"}",
        "{\"expiresAt\": \"2027-01-01T24:00:00Z\"}",
        "{\"expiresAt\": \"2027-01-01T23:59:60Z\"}",
        "{\"expiresAt\": \"2027-01-01T00:00:00+24:00\"}",
        "{\"expiresAt\": \"2027-01-01 00:00:00Z\"}",
        "{\"lifetime\": \"PT0.5H\"}",
        "{\"expiresAt\": {}}",
        "{\"lifetime\": {}}",
        "{} x",
        "{",
      })
  void aBodyThatCannotBeUnderstoodIs400(String body) {
    assertProblem(root.post("/v1/keys", body), 400, "bad-request");
  }

  @Test
  void aBodyThatIsNotUtf8Is400() {
    byte[] latin1 = "{\"name\": \"é\"}".getBytes(StandardCharsets.ISO_8859_1);

    Answer answer =
        root.header("Content-Type", "application/json")
            .send("POST", "/v1/keys", BodyPublishers.ofByteArray(latin1));

    assertProblem(answer, 400, "bad-request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"?verbose=true", "?keyId=", "?a=1&a=2"})
  void anUnknownQueryParameterIs400(String query) {
    assertProblem(root.get(UNKNOWN + query), 400, "bad-request");
  }

  @Test
  void theDeepestBodyIsReadAndOneLevelMoreIsNot() {
    Answer deepest = root.post("/v1/keys", nested(16));
    assertWrongField(deepest, 400, "bad-request", "name");

    assertProblem(root.post("/v1/keys", nested(17)), 400, "bad-request");
    assertThat(root.post("/v1/keys", nested(17)).body().has("errors")).isFalse();
  }

  @Test
  void twoCredentialsAre400AndNeitherWins() throws IOException {
    String good = "Authorization: Bearer " + keyledger.rootKey();

    assertThat(statusOf("GET " + UNKNOWN + " HTTP/1.1", good, good)).isEqualTo(400);
    assertThat(statusOf("GET " + UNKNOWN + " HTTP/1.1", good)).isEqualTo(404);
    assertProblem(root.header("X-API-Key", keyledger.rootKey()).get(UNKNOWN), 400, "bad-request");
    String list = "Bearer " + keyledger.rootKey() + ", Bearer " + keyledger.rootKey();
    assertProblem(root.header("Authorization", list).get(UNKNOWN), 400, "bad-request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "AAAAAAAAAAFDVZvhmQRaxujsigM05EnB", "é"})
  void aPositionTokenOfNobodyIs400(String token) throws IOException {
    assertThat(
            statusOf(
                "GET " + UNKNOWN + " HTTP/1.1",
                "Authorization: Bearer " + keyledger.rootKey(),
                "Keyledger-At-Least: " + token))
        .isEqualTo(400);
  }

  @Test
  void aForgedPositionTokenIsCalledSo() {
    String token = issuer.issued("read:users").answer().header("Keyledger-Position");
    String forged = (token.charAt(0) == 'A' ? "B" : "A") + token.substring(1);

    assertProblem(
        root.header("Keyledger-At-Least", forged).get(UNKNOWN), 400, "invalid-position-token");
  }

  @Test
  void everyInvalidCredentialGetsTheSame401() {
    String pathOfAKey = issuer.issued("read:users").path();
    Client anonymous = keyledger.client();
    Answer nothing = anonymous.get(pathOfAKey);

    assertProblem(nothing, 401, "unauthorized");
    assertThat(nothing.header("WWW-Authenticate")).isEqualTo("Bearer");
    for (String authorization :
        new String[] {
          "Basic " + keyledger.rootKey(),
          keyledger.rootKey(),
          "Bearer " + keyledger.rootKey() + "x",
          "Bearer " + issuer.issued("read:users").secret(),
          "Bearer "
        }) {
      Answer answer = anonymous.header("Authorization", authorization).get(pathOfAKey);
      assertThat(answer.status()).as(authorization.substring(0, 6)).isEqualTo(401);
      assertThat(constantPartOf(answer)).isEqualTo(constantPartOf(nothing));
    }
  }

  @Test
  void anIdOfAnotherWorkspaceIsAnsweredAsAnUnknownOne() {
    assertProblem(root.get(UNKNOWN), 404, "not-found");
    assertProblem(root.get(UNKNOWN + "/history"), 404, "not-found");
    assertProblem(root.post(UNKNOWN + "/revoke", "{}"), 404, "not-found");
    assertProblem(root.post(UNKNOWN + "/renew", "{}"), 404, "not-found");

    String known = issuer.issued("read:users").path();
    Client elsewhere = root.header("Keyledger-Workspace", "elsewhere");
    assertProblem(elsewhere.get(known), 404, "not-found");
    assertProblem(elsewhere.post(known + "/revoke", "{}"), 404, "not-found");
    assertThat(issuer.client().get(known).body().path("status").asString()).isEqualTo("active");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"nope", "..%2f", "%00", "%2e%2e/", "KEY_01K0000000000000000000000X", "%", "a;b"})
  void anIdThatCanBeNoneIs400Or404(String id) throws IOException {
    assertThat(
            statusOf(
                "GET /v1/keys/" + id + " HTTP/1.1", "Authorization: Bearer " + keyledger.rootKey()))
        .isIn(400, 404);
  }

  @Test
  void aPathParameterBehindAGoodIdIs400() {
    String key = issuer.issued("read:users").path();

    assertProblem(root.get(key + ";version=1"), 400, "bad-request");
    assertProblem(root.get(key + ";/history"), 400, "bad-request");
    assertThat(root.get(key).status()).isEqualTo(200);
  }

  @Test
  void aMethodThatDoesNotExistIs405() {
    Answer answer = root.delete("/v1/keys");

    assertProblem(answer, 405, "method-not-allowed");
    assertThat(answer.header("Allow").split(","))
        .containsExactlyInAnyOrder("GET", "HEAD", "POST", "OPTIONS");
    assertThat(root.post(UNKNOWN).header("Allow").split(","))
        .containsExactlyInAnyOrder("GET", "HEAD", "PATCH", "OPTIONS");
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/keys, 'GET,HEAD,POST,OPTIONS'",
    "/v1/leaks, 'POST,OPTIONS'",
    "/v1/verify, 'POST, OPTIONS'",
    "/v1/verify/at, 'POST,OPTIONS'",
    "/v1/audit, 'GET,HEAD,OPTIONS'",
    "/v1/workspaces/x, 'GET,HEAD,PATCH,OPTIONS'",
    "/oauth2/introspect, 'POST,OPTIONS'",
    "/actuator/health, 'GET,HEAD,OPTIONS'",
    "/v3/api-docs, 'GET,HEAD,OPTIONS'"
  })
  void optionsListsTheMethodsOfAPath(String path, String allow) {
    Client browser =
        keyledger
            .client()
            .header("Origin", "https://example.com")
            .header("Access-Control-Request-Method", "PUT");
    for (Client client : List.of(keyledger.client(), browser)) {
      Answer answer = client.send("OPTIONS", path, BodyPublishers.noBody());
      assertThat(answer.status()).as(path).isEqualTo(204);
      assertThat(answer.header("Allow").split(", ?", -1))
          .containsExactlyInAnyOrder(allow.split(", ?", -1));
      assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
    }
  }

  @Test
  void optionsOfNothingIs404() {
    Answer answer = keyledger.client().send("OPTIONS", "/v1/nothing", BodyPublishers.noBody());

    assertProblem(answer, 404, "not-found");
  }

  @Test
  void aClientThatTakesNoJsonGets406() {
    assertProblem(root.header("Accept", "text/html").get(UNKNOWN), 406, "not-acceptable");
  }

  @ParameterizedTest
  @ValueSource(strings = {"text/html", "application/json;q=0", "text/*, image/png", "json"})
  void aCheckIsJsonOrNothing(String accepted) {
    for (Port port : Port.values()) {
      var client = keyledger.client(port).bearer(keyledger.rootKey()).header("Accept", accepted);
      for (String path : List.of("/v1/verify", "/v1/verify/batch")) {
        assertProblem(client.post(path, "{\"key\": \"x\"}"), 406, "not-acceptable");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"*/*", "application/*", "text/html, application/json", "text/html, */*;q=0.1"})
  void aClientThatAcceptsJsonAmongOthersGetsACheck(String accepted) {
    for (Port port : Port.values()) {
      var client = keyledger.client(port).bearer(keyledger.rootKey()).header("Accept", accepted);
      assertThat(client.post("/v1/verify", "{\"key\": \"x\"}").status()).isEqualTo(200);
    }
  }

  @Test
  void aCommandOnAKeyOfAnotherVersionIs412AndDoesNothing() {
    IssuedKey key = issuer.issued("read:users");

    for (String tag : new String[] {"\"2\"", "W/\"1\"", "\"x\""}) {
      assertProblem(
          root.header("If-Match", tag).post(key.path() + "/suspend", "{}"),
          412,
          "version-mismatch");
    }
    assertProblem(root.header("If-Match", "1").post(key.path() + "/suspend"), 400, "bad-request");
    assertThat(detailFor(key, "W/\"1\"")).contains("weak tag", "never matches");
    assertThat(detailFor(key, "W/\"1\", \"2\"")).contains("another version");
    assertThat(issuer.history(key)).hasSize(1);
  }

  private String detailFor(IssuedKey key, String ifMatch) {
    Answer answer = root.header("If-Match", ifMatch).post(key.path() + "/suspend", "{}");
    assertProblem(answer, 412, "version-mismatch");
    return answer.body().path("detail").asString();
  }

  @Test
  void aBodyInAContentCodingIs415AndAByteOrderMarkIsSkipped() {
    String body = "{%s}".formatted(Issuer.fields("read:users"));

    Answer coded = root.header("Content-Encoding", "gzip").post("/v1/keys", body);
    assertProblem(coded, 415, "unsupported-media-type");
    assertThat(coded.header("Accept-Encoding")).isEqualTo("identity");
    assertThat(root.header("Content-Encoding", "identity").post("/v1/keys", body).status())
        .isEqualTo(201);
    assertThat(root.post("/v1/keys", "\ufeff" + body).status()).isEqualTo(201);
    assertProblem(root.post("/v1/keys", "\ufeff\ufeff" + body), 400, "bad-request");
  }

  @Test
  void theLargestBodyIsReadAndOneByteMoreIs413() {
    String body = "{%s}".formatted(Issuer.fields("read:users"));
    String largest = body + " ".repeat(64 * 1024 - body.length());

    assertThat(root.post("/v1/keys", largest).status()).isEqualTo(201);
    assertProblem(root.post("/v1/keys", largest + " "), 413, "too-large");
  }

  @Test
  void aBodyOfAnotherMediaTypeIs415() {
    Client client = root.header("Content-Type", "application/x-www-form-urlencoded");

    assertProblem(client.post("/v1/keys", "name=Billing"), 415, "unsupported-media-type");
  }

  @Test
  void headersBeyondTheirLimitAreRefusedAndSmallerOnesAreNot() throws IOException {
    String credential = "Authorization: Bearer " + keyledger.rootKey();

    assertThat(statusOf("GET " + UNKNOWN + " HTTP/1.1", credential, "X-Long: " + "a".repeat(7000)))
        .isEqualTo(404);
    assertThat(statusOf("GET " + UNKNOWN + " HTTP/1.1", credential, "X-Long: " + "a".repeat(8192)))
        .isIn(400, 431);
  }

  @ParameterizedTest
  @CsvSource({"100, 201", "101, 422"})
  void aNameHasUpTo100Characters(int length, int status) {
    assertLimit(status, "name", issue("name", "\"" + "é".repeat(length) + "\""));
  }

  @Test
  void aNameHasACharacter() {
    assertLimit(422, "name", issue("name", "\"\""));
  }

  @ParameterizedTest
  @CsvSource({"100, 201", "101, 422"})
  void aKeyHasUpTo100Permissions(int count, int status) {
    assertLimit(status, "permissions", issue("permissions", list(count, "\"read:thing%d\"")));
  }

  @ParameterizedTest
  @CsvSource({
    "read:, 255, 201",
    "read:, 256, 422",
    "keyledger:grant:, 280, 201",
    "keyledger:grant:, 281, 422"
  })
  void aPermissionHasUpTo255CharactersAndAGrant280(String start, int length, int status) {
    String permission = start + "a".repeat(length - start.length());
    assertLimit(status, "permissions", issue("permissions", "[\"" + permission + "\"]"));
  }

  @ParameterizedTest
  @CsvSource({"50, 201", "51, 422"})
  void metadataHasUpTo50Entries(int count, int status) {
    String entries = list(count, "\"k%d\": \"v\"").replace('[', '{').replace(']', '}');
    assertLimit(status, "metadata", issue("metadata", entries));
  }

  @ParameterizedTest
  @CsvSource({"4096, 201", "4097, 422"})
  void metadataHasUpTo4096Bytes(int bytes, int status) {
    assertLimit(
        status, "metadata", issue("metadata", "{\"k\": \"" + "v".repeat(bytes - 1) + "\"}"));
  }

  @ParameterizedTest
  @CsvSource({"500, 201", "501, 422"})
  void aReasonHasUpTo500Characters(int length, int status) {
    assertLimit(status, "reason", issue("reason", "\"" + "é".repeat(length) + "\""));
  }

  @ParameterizedTest
  @CsvSource({"100, 201", "101, 422"})
  void anAllowListHasUpTo100Entries(int count, int status) {
    assertLimit(status, "ipAllowList", issue("ipAllowList", list(count, "\"10.0.%d.0/24\"")));
  }

  @ParameterizedTest
  @CsvSource({"255, 201", "256, 422"})
  void anOwnerIdHasUpTo255Characters(int length, int status) {
    String owner = "{\"type\": \"user\", \"id\": \"" + "a".repeat(length) + "\"}";
    assertLimit(status, "owner.id", issue("owner", owner));
  }

  @ParameterizedTest
  @CsvSource({
    "PT1S, 201",
    "PT0.999999S, 422",
    "PT0S, 422",
    "P366D, 201",
    "P366DT1S, 422",
    "P99999999999D, 422",
    "never, 422"
  })
  void aLifetimeIsWithinThePolicy(String lifetime, int status) {
    Answer answer = issue("lifetime", "\"" + lifetime + "\"");
    if (status == 201) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    } else {
      assertProblem(answer, status, "lifetime-not-allowed");
    }
  }

  @ParameterizedTest
  @CsvSource({"PT0S, 200", "P366D, 200", "P366DT1S, 422"})
  void anOverlapIsUpTo366Days(String overlap, int status) {
    IssuedKey key = issuer.issued("read:users");

    Answer answer = issuer.command(key, "rotate", "{\"overlap\": \"" + overlap + "\"}");

    assertThat(answer.status()).as(answer.text()).isEqualTo(status);
  }

  @Test
  void everyInvalidFieldIsReportedAtOnce() {
    Answer answer = root.post("/v1/keys", "{\"owner\": {\"type\": \"robot\", \"id\": \" \"}}");

    assertProblem(answer, 422, "invalid-field");
    assertThat(answer.body().path("errors").valueStream().map(e -> e.path("field").asString()))
        .containsExactlyInAnyOrder("name", "owner.type", "owner.id", "permissions");
  }

  @Test
  void aRenewalDoesNotShortenALifeUnasked() {
    IssuedKey key = issuer.issuedWith("\"lifetime\": \"P30D\"", "read:users");

    assertProblem(
        issuer.command(key, "renew", "{\"lifetime\": \"P1D\"}"), 422, "expiry-would-shorten");
  }

  @Test
  void anUnknownRevocationReasonIs422() {
    IssuedKey key = issuer.issued("read:users");

    assertWrongField(
        issuer.command(key, "revoke", "{\"revocationReason\": \"bored\"}"),
        422,
        "invalid-field",
        "revocationReason");
    assertThat(issuer.read(key).path("status").asString()).isEqualTo("active");
  }

  @Test
  void aRevokedKeyTakesNothingButARevocation() {
    IssuedKey key = issuer.issued("read:users");
    issuer.done(key, "revoke", "{}");

    for (String command : new String[] {"renew", "rotate", "retire-secret", "suspend", "resume"}) {
      assertProblem(issuer.command(key, command, "{}"), 409, "key-revoked");
    }
    assertThat(issuer.history(key)).hasSize(2);
  }

  @Test
  void onlyASuspendedKeyCanBeResumed() {
    assertProblem(
        issuer.command(issuer.issued("read:users"), "resume", "{}"), 409, "key-not-suspended");
  }

  @Test
  void aSecondRotationNeverKillsASecretInUse() {
    IssuedKey key = issuer.issued("read:users");
    IssuedKey rotated = issuer.rotated(key, "{}");

    assertProblem(issuer.command(key, "rotate", "{}"), 409, "rotation-in-progress");

    assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
    assertThat(issuer.codeOf(rotated.secret())).isEqualTo("VALID");
  }

  @Test
  void aSecretThatIsKnownIsNotTakenTwice() {
    String digest = "\"secretSha256\": \"" + "5e".repeat(32) + "\"";
    issuer.issuedWith(digest, "read:users");

    assertProblem(
        root.post("/v1/keys", "{%s, %s}".formatted(Issuer.fields("read:users"), digest)),
        409,
        "digest-already-known");
  }

  /** Returns the answer to an issue in which one field has this JSON. */
  private Answer issue(String field, String json) {
    var fields = new StringBuilder("\"" + field + "\": " + json);
    if (!field.equals("name")) {
      fields.append(", \"name\": \"Billing\"");
    }
    if (!field.equals("owner")) {
      fields.append(", \"owner\": {\"type\": \"app\", \"id\": \"billing\"}");
    }
    if (!field.equals("permissions")) {
      fields.append(", \"permissions\": [\"read:users\"]");
    }
    return root.post("/v1/keys", "{" + fields + "}");
  }

  private static void assertLimit(int status, String field, Answer answer) {
    if (status == 201) {
      assertThat(answer.status()).as(answer.text()).isEqualTo(201);
    } else {
      assertWrongField(answer, status, "invalid-field", field);
    }
  }

  private static String list(int count, String format) {
    var list = new StringBuilder("[");
    for (int i = 0; i < count; i++) {
      list.append(i == 0 ? "" : ", ").append(format.formatted(i));
    }
    return list.append(']').toString();
  }

  private static String nested(int levels) {
    return "{\"name\": " + "[".repeat(levels - 1) + "]".repeat(levels - 1) + "}";
  }

  private static String constantPartOf(Answer answer) {
    String requestId = answer.body().path("requestId").asString();
    return answer.text().replace(requestId, "<request>");
  }

  /** Sends a request that an HTTP client would not allow. */
  private int statusOf(String requestLine, String... headers) throws IOException {
    try (var socket = new Socket(keyledger.uri().getHost(), keyledger.uri().getPort())) {
      socket.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
      String request =
          requestLine
              + "\r\nHost: keyledger.test\r\nConnection: close\r\n"
              + (headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n")
              + "\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return Integer.parseInt(answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
    }
  }
}
