package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Pages;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Imports from other systems. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class ImportIT {
  private static final String IMPORT = "/v1/keys/import";
  private static final String FORM = "application/x-www-form-urlencoded";

  private KeyledgerProcess keyledger;
  private Client root;
  private Issuer issuer;
  private final String secret = "from-elsewhere-" + UUID.randomUUID();

  @BeforeEach
  void keyledger(KeyledgerProcess shared) {
    keyledger = shared;
    root = shared.root();
    issuer = shared.issuer();
  }

  @Test
  void theHashMayBeInHexBase64OrBase64Url() {
    for (String text :
        List.of(
            HexFormat.of().formatHex(sha256(secret + 0)),
            HexFormat.of().withUpperCase().formatHex(sha256(secret + 1)),
            Base64.getEncoder().encodeToString(sha256(secret + 2)),
            Base64.getEncoder().withoutPadding().encodeToString(sha256(secret + 3)),
            Base64.getUrlEncoder().encodeToString(sha256(secret + 4)),
            Base64.getUrlEncoder().withoutPadding().encodeToString(sha256(secret + 5)))) {
      assertThat(imported(text, "").has("keyId")).as(text).isTrue();
    }
    for (int i = 0; i < 6; i++) {
      assertThat(issuer.codeOf(secret + i)).isEqualTo("VALID");
    }
    String issuedToo = Base64.getEncoder().encodeToString(sha256(secret));
    IssuedKey ownSecret = issuer.issuedWith("\"secretSha256\": \"%s\"".formatted(issuedToo));
    assertThat(issuer.codeOf(secret)).isEqualTo("VALID");
    assertThat(ownSecret.answer().body().has("secret")).isFalse();
  }

  @Test
  void otherFormsOfAHashAreRefused() {
    String hex = HexFormat.of().formatHex(sha256(secret));
    String base64 = Base64.getEncoder().withoutPadding().encodeToString(sha256(secret));
    for (String text :
        List.of(
            "",
            hex.substring(1),
            hex + "0",
            "g" + hex.substring(1),
            base64.substring(1),
            base64 + "==",
            "-+" + base64.substring(2),
            base64.substring(0, 42) + "B", // bits are left over
            " " + base64)) {
      JsonNode problem = imported(text, "").path("problem");
      assertThat(problem.path("code").asString()).as(text).isEqualTo("invalid-field");
      assertThat(problem.at("/errors/0/field").asString()).isEqualTo("secretSha256");
    }
  }

  @Test
  void aKeyKeepsWhenItWasCreatedAndWhatItIsRecognisedBy() {
    JsonNode result =
        imported("\"createdAt\": \"2019-08-01T14:00:00+02:00\", \"secretHint\": \"ak_...9Zx1\"");
    JsonNode key = read(result);
    assertThat(key.path("createdAt").asString()).isEqualTo("2019-08-01T12:00:00Z");
    assertThat(key.path("secretHint").asString()).isEqualTo("ak_...9Zx1");
    assertThat(issuer.codeOf(secret)).isEqualTo("VALID");
    assertThat(types(result)).containsExactly("KeyImported");
    JsonNode first = history(result).get(0);
    assertThat(first.at("/data/createdAt").asString()).isEqualTo("2019-08-01T12:00:00Z");
    assertThat(Instant.parse(first.path("time").asString()))
        .isAfter(Instant.now().minus(Duration.ofMinutes(2)));
  }

  @Test
  void anExpiredKeyIsExpiredAndCanBeRenewedWithinTheWindow() {
    Instant yesterday = Instant.now().minus(Duration.ofDays(1));
    JsonNode result = imported("\"expiresAt\": \"%s\"".formatted(yesterday));
    for (Port port : Port.values()) {
      assertThat(keyledger.issuer(port).codeOf(secret)).isEqualTo("EXPIRED");
    }
    assertThat(read(result).path("status").asString()).isEqualTo("expired");
    String path = "/v1/keys/" + result.path("keyId").asString();
    assertThat(root.post(path + "/renew", "{}").status()).isEqualTo(200);
    assertThat(issuer.codeOf(secret)).isEqualTo("VALID");

    String old = secret + "-old";
    JsonNode longAgo =
        imported(
            HexFormat.of().formatHex(sha256(old)), ", \"expiresAt\": \"2001-01-01T00:00:00Z\"");
    assertThat(issuer.codeOf(old)).isEqualTo("EXPIRED");
    assertProblem(
        root.post("/v1/keys/" + longAgo.path("keyId").asString() + "/renew", "{}"),
        409,
        "renewal-window-closed");
    assertProblem(
        root.post(
            "/v1/keys",
            "{%s, \"expiresAt\": \"2001-01-01T00:00:00Z\"}".formatted(Issuer.fields("a:b"))),
        422,
        "lifetime-not-allowed");
  }

  @Test
  void aRevokedKeyIsRevokedForGoodAndItsHistoryBeginsWithTheImport() {
    JsonNode result =
        imported(
            "\"createdAt\": \"2024-01-01T00:00:00Z\", \"revokedAt\": \"2025-12-24T18:30:00Z\","
                + " \"revocationReason\": \"compromised\"");
    for (Port port : Port.values()) {
      JsonNode decision = keyledger.issuer(port).verified(secret);
      assertThat(decision.path("code").asString()).isEqualTo("REVOKED");
      assertThat(decision.at("/decidedBy/type").asString()).isEqualTo("KeyImported");
    }
    JsonNode key = read(result);
    assertThat(key.path("status").asString()).isEqualTo("revoked");
    assertThat(key.path("revokedAt").asString()).isEqualTo("2025-12-24T18:30:00Z");
    assertThat(key.path("revocationReason").asString()).isEqualTo("compromised");
    assertThat(key.path("version").asInt()).isEqualTo(1);
    assertThat(types(result)).containsExactly("KeyImported");

    String path = "/v1/keys/" + result.path("keyId").asString();
    assertProblem(root.post(path + "/renew", "{}"), 409, "key-revoked");
    assertThat(root.post(path + "/revoke", "{}").body().path("version").asInt()).isEqualTo(1);
    JsonNode explained =
        issuer.verifiedWith("\"key\": \"%s\", \"explain\": true".formatted(secret));
    assertThat(explained.at("/conditions/0/event/type").asString()).isEqualTo("KeyImported");
    assertThat(imported("").at("/problem/code").asString()).isEqualTo("digest-already-known");
    assertThat(Pages.ids(root, "/v1/keys?status=revoked&q=Billing", "keyId"))
        .contains(result.path("keyId").asString());
  }

  @Test
  void revokedKeysTakeNothingOfTheQuota() {
    String workspace = WorkspacesIT.name();
    WorkspacesIT.open(root, workspace, "\"maxKeys\": 1");
    Client there = WorkspacesIT.in(root, workspace);
    for (int i = 0; i < 2; i++) {
      String dead =
          "{\"keys\": [{%s, \"secretSha256\": \"%s\", \"revokedAt\": \"2025-01-01T00:00:00Z\"}]}"
              .formatted(Issuer.fields("read:users"), HexFormat.of().formatHex(sha256(secret + i)));
      assertThat(there.post(IMPORT, dead).body().at("/results/0").has("keyId")).isTrue();
    }
    String living = "{%s}".formatted(Issuer.fields("read:users"));
    assertThat(there.post("/v1/keys", living).status()).isEqualTo(201);
    assertProblem(there.post("/v1/keys", living), 409, "quota-exceeded");
  }

  @Test
  void aPastThatCannotBeIsRefused() {
    Instant tomorrow = Instant.now().plus(Duration.ofDays(1));
    assertWrong("\"createdAt\": \"%s\"".formatted(tomorrow), "createdAt");
    assertWrong("\"revokedAt\": \"%s\"".formatted(tomorrow), "revokedAt");
    assertWrong(
        "\"createdAt\": \"2025-01-01T00:00:00Z\", \"revokedAt\": \"2024-12-31T23:59:59Z\"",
        "revokedAt");
    assertWrong("\"revocationReason\": \"leaked\"", "revocationReason");
    assertWrong(
        "\"revokedAt\": \"2025-01-01T00:00:00Z\", \"revocationReason\": \"x\"", "revocationReason");
    assertWrong("\"secretHint\": \"%s\"".formatted(secret), "secretHint");
    assertWrong("\"secretHint\": \"\"", "secretHint");
    assertWrong("\"secretHint\": \"a b\"", "secretHint");
    assertWrong("\"secretHint\": \"%s\"".formatted("x".repeat(65)), "secretHint");
    assertThat(imported("\"secretHint\": \"%s\"".formatted("x".repeat(64))).has("keyId")).isTrue();
    for (String field : List.of("createdAt", "revokedAt")) {
      assertProblem(
          root.post(
              "/v1/keys",
              "{%s, \"%s\": \"2024-01-01T00:00:00Z\"}".formatted(Issuer.fields("a:b"), field)),
          400,
          "bad-request");
    }
  }

  private void assertWrong(String more, String field) {
    JsonNode problem = imported(more).path("problem");
    assertThat(problem.path("code").asString()).as(more).isEqualTo("invalid-field");
    assertThat(problem.at("/errors/0/field").asString()).isEqualTo(field);
  }

  /**
   * Checks the limit on every path that accepts a key: 4,096 characters are valid, 4,097 are not.
   */
  @Test
  void aPresentedKeyMayHave4096Characters() {
    String longest = longest("v");
    String longer = longest + "x";
    for (String key : List.of(longest, longer)) {
      assertThat(imported(HexFormat.of().formatHex(sha256(key)), "").has("keyId")).isTrue();
    }
    for (Port port : Port.values()) {
      Issuer there = keyledger.issuer(port);
      assertThat(there.codeOf(longest)).isEqualTo("VALID");
      assertThat(there.codeOf(longer)).isEqualTo("MALFORMED");
      Answer batch =
          there
              .checks()
              .post(
                  "/v1/verify/batch",
                  "{\"checks\": [{\"key\": \"%s\"}, {\"key\": \"%s\"}]}"
                      .formatted(longest, longer));
      assertThat(batch.body().at("/results/0/code").asString()).isEqualTo("VALID");
      assertThat(batch.body().at("/results/1/code").asString()).isEqualTo("MALFORMED");
      Client client = keyledger.client(port);
      int good = client.bearer(issuer.issued().secret()).get("/v1/forward-auth").status();
      assertThat(client.bearer(longest).get("/v1/forward-auth").status()).isEqualTo(good);
      assertThat(client.header("X-API-Key", longest).get("/v1/forward-auth").status())
          .isEqualTo(good);
      assertThat(client.bearer(longer).get("/v1/forward-auth").status()).isEqualTo(401);
    }
    Client forms = root.header("Content-Type", FORM);
    assertThat(active(forms, longest)).isTrue();
    assertThat(active(forms, longer)).isFalse();
    assertThat(forms.post("/oauth2/revoke", "token=" + longest).status()).isEqualTo(200);
    assertThat(issuer.codeOf(longest)).isEqualTo("REVOKED");

    String leaked = longest("l");
    imported(HexFormat.of().formatHex(sha256(leaked)), "");
    Answer report = keyledger.client().post("/v1/leaks", "{\"secret\": \"%s\"}".formatted(leaked));
    assertThat(report.status()).isEqualTo(202);
    assertThat(issuer.codeOf(leaked)).isEqualTo("REVOKED");
  }

  private static boolean active(Client forms, String token) {
    return forms.post("/oauth2/introspect", "token=" + token).body().path("active").asBoolean();
  }

  private String longest(String first) {
    String start = first + secret;
    return start + "k".repeat(4096 - start.length());
  }

  /** Imports a key with the secret of this test. */
  private JsonNode imported(String more) {
    return imported(HexFormat.of().formatHex(sha256(secret)), more.isEmpty() ? "" : ", " + more);
  }

  private JsonNode imported(String sha256, String more) {
    Answer answer =
        root.post(
            IMPORT,
            "{\"keys\": [{%s, \"secretSha256\": \"%s\"%s}]}"
                .formatted(Issuer.fields("read:users"), sha256, more));
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body().path("results").get(0);
  }

  private JsonNode read(JsonNode result) {
    return root.get("/v1/keys/" + result.path("keyId").asString()).body();
  }

  private JsonNode history(JsonNode result) {
    return root.get("/v1/keys/" + result.path("keyId").asString() + "/history").body().path("data");
  }

  private List<String> types(JsonNode result) {
    return history(result).valueStream().map(entry -> entry.path("type").asString()).toList();
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(US_ASCII));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
