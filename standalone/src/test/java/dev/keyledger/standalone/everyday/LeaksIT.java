package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static dev.keyledger.standalone.everyday.Problems.assertWrongField;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.Exported;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Reports of leaked secrets: anybody may send one, and learns nothing from the answer. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class LeaksIT {
  private static final String LEAKS = "/v1/leaks";
  private static final int SECRETS_MAX = 1000;
  private static final int BODY_BYTES_MAX = 64 * 1024;

  private KeyledgerProcess keyledger;
  private Client anybody;
  private Issuer issuer;

  @BeforeEach
  void keyledger(KeyledgerProcess shared) {
    keyledger = shared;
    anybody = shared.client();
    issuer = shared.issuer();
  }

  @Test
  void theKeyOfACurrentSecretIsRevokedOnceTheAnswerIsThere() {
    IssuedKey key = issuer.issued("read:users");

    Answer answer =
        anybody
            .header("User-Agent", "scanner/1")
            .post(
                LEAKS,
                "{\"secret\": \"%s\", \"reason\": \"seen in a log\"}".formatted(key.secret()));

    assertTaken(answer);
    assertThat(issuer.codeOf(key.secret())).isEqualTo("REVOKED");
    assertThat(issuer.read(key).path("revocationReason").asString()).isEqualTo("leaked");
    JsonNode history = issuer.history(key);
    assertThat(types(history)).containsExactly("KeyIssued", "LeakReported", "KeyRevoked");
    JsonNode reported = history.get(1);
    assertThat(reported.at("/actor/type").asString()).isEqualTo("anonymous");
    assertThat(reported.path("actor").has("id")).isFalse();
    assertThat(reported.at("/data/generation").asInt()).isEqualTo(1);
    assertThat(reported.path("ip").asString()).isEqualTo("127.0.0.1");
    assertThat(reported.path("userAgent").asString()).isEqualTo("scanner/1");
    assertThat(reported.path("reason").asString()).isEqualTo("seen in a log");
  }

  @Test
  void anOldSecretInItsOverlapIsRetiredAndTheKeyLivesOn() {
    IssuedKey first = issuer.issued("read:users");
    IssuedKey second = issuer.rotated(first, "{\"overlap\": \"PT1H\"}");

    assertTaken(report(first.secret()));

    assertThat(issuer.codeOf(first.secret())).isEqualTo("ROTATED_OUT");
    assertThat(issuer.codeOf(second.secret())).isEqualTo("VALID");
    assertThat(types(issuer.history(first)))
        .containsExactly("KeyIssued", "KeyRotated", "LeakReported", "SecretRetired");
  }

  @Test
  void aLeakOfADeadSecretIsRecordedOncePerGeneration() {
    IssuedKey first = issuer.issued("read:users");
    IssuedKey second = issuer.rotated(first, "{\"overlap\": \"PT0S\"}");
    issuer.done(first, "revoke", "{}");

    for (int i = 0; i < 2; i++) {
      assertTaken(report(first.secret()));
      assertTaken(report(second.secret(), first.secret()));
    }

    assertThat(types(issuer.history(first)))
        .containsExactly("KeyIssued", "KeyRotated", "KeyRevoked", "LeakReported", "LeakReported");
    assertThat(issuer.read(first).path("revocationReason").asString()).isEqualTo("unspecified");
  }

  @Test
  void bothSecretsOfAKeyInOneReportEndIt() {
    IssuedKey first = issuer.issued("read:users");
    IssuedKey second = issuer.rotated(first, "{\"overlap\": \"PT1H\"}");

    assertTaken(report(first.secret(), second.secret(), first.secret()));

    assertThat(types(issuer.history(first)))
        .containsExactly(
            "KeyIssued",
            "KeyRotated",
            "LeakReported",
            "SecretRetired",
            "LeakReported",
            "KeyRevoked");
  }

  @Test
  void aSuspendedKeyIsRevokedToo() {
    IssuedKey key = issuer.issued("read:users");
    issuer.done(key, "suspend", "{}");

    assertTaken(report(key.secret()));

    assertThat(issuer.codeOf(key.secret())).isEqualTo("REVOKED");
  }

  @Test
  void aSecretThatWasTakenInIsFoundAsWell() throws Exception {
    String secret = "made-elsewhere-" + UUID.randomUUID();
    IssuedKey key = issuer.issuedWith("\"secretSha256\": \"%s\"".formatted(sha256(secret)));

    assertTaken(report(secret));

    assertThat(issuer.codeOf(secret)).isEqualTo("REVOKED");
    assertThat(types(issuer.history(key))).contains("LeakReported");
  }

  @Test
  void aSecretThatTwoWorkspacesTookInEndsInBoth() throws Exception {
    String workspace = WorkspacesIT.name();
    WorkspacesIT.open(keyledger.root(), workspace, "");
    var other = new Issuer(WorkspacesIT.in(keyledger.root(), workspace));
    String secret = "made-elsewhere-" + UUID.randomUUID();
    for (Issuer one : List.of(issuer, other)) {
      one.issuedWith("\"secretSha256\": \"%s\"".formatted(sha256(secret)));
    }

    assertTaken(report(secret));

    assertThat(issuer.codeOf(secret)).isEqualTo("REVOKED");
    assertThat(other.codeOf(secret)).isEqualTo("REVOKED");
  }

  @Test
  void theAnswerIsTheSameWhetherASecretIsKnownOrNot() {
    IssuedKey key = issuer.issued("read:users");
    Answer known = report(key.secret());
    long before = eventsOfCallers();
    List<Answer> others = new ArrayList<>();
    others.add(report(key.secret()));
    for (String unknown : List.of("never-seen", "", "two words", "ключ", "x".repeat(5000))) {
      others.add(report(unknown));
    }

    assertTaken(known);
    for (Answer answer : others) {
      assertTaken(answer);
      assertThat(answer.headers().map().keySet()).isEqualTo(known.headers().map().keySet());
    }
    assertThat(eventsOfCallers()).as("nothing is written for a miss").isEqualTo(before);
  }

  /** Returns the number of events, without those that timers record of other keys meanwhile. */
  private long eventsOfCallers() {
    return Exported.by(issuer.client()).stream()
        .filter(event -> !event.toString().contains("\"system\""))
        .count();
  }

  @Test
  void aThousandSecretsAreTakenAndOneMoreIsNot() {
    IssuedKey key = issuer.issued("read:users");
    String[] most =
        Stream.concat(
                Stream.generate(() -> key.secret().substring(0, 50) + UUID.randomUUID())
                    .map(text -> text.substring(0, key.secret().length()))
                    .limit(SECRETS_MAX - 1),
                Stream.of(key.secret()))
            .toArray(String[]::new);

    assertWrongField(
        report(Stream.concat(Stream.of(most), Stream.of("x")).toArray(String[]::new)),
        422,
        "invalid-field",
        "secrets");
    assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
    assertTaken(report(most));
    assertThat(issuer.codeOf(key.secret())).isEqualTo("REVOKED");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "%s\\n",
        " \\t%s\\r\\n",
        "api_key=%s",
        "{\\\"key\\\": \\\"%s\\\"}",
        "https://x.example/?key=%s&a=b",
        "line one\\nexport KEY='%s' # ключ"
      })
  void aSecretIsFoundInALongerText(String text) {
    for (String field : List.of("\"secret\": \"%s\"", "\"secrets\": [\"x\", \"%s\"]")) {
      IssuedKey key = issuer.issued("read:users");
      String body = "{" + field.formatted(text.formatted(key.secret())) + "}";
      assertTaken(anybody.post(LEAKS, body));
      assertThat(issuer.codeOf(key.secret())).as(body).isEqualTo("REVOKED");
    }
  }

  @Test
  void ofOtherSecretsOnlyAWholeTextIsFound() throws Exception {
    String secret = "made-elsewhere-" + UUID.randomUUID();
    issuer.issuedWith("\"secretSha256\": \"%s\"".formatted(sha256(secret)));

    assertTaken(report("api_key=" + secret));
    assertThat(issuer.codeOf(secret)).isEqualTo("VALID");
    assertTaken(report(secret + "\\r\\n"));
    assertThat(issuer.codeOf(secret)).isEqualTo("REVOKED");
  }

  @Test
  void everyKeyInAFullBodyIsFound() {
    List<IssuedKey> keys = Stream.generate(() -> issuer.issued("read:users")).limit(3).toList();
    String start = "{\"secret\": \"";
    String dump =
        keys.getFirst().secret()
            + " "
            + "x".repeat(30_000)
            + keys.get(1).secret()
            + "y".repeat(30_000);
    assertTaken(anybody.post(LEAKS, start + dump + keys.get(2).secret() + "\"}"));

    for (IssuedKey key : keys) {
      assertThat(issuer.codeOf(key.secret())).isEqualTo("REVOKED");
    }
  }

  @Test
  void aReportOfManyKeysEndsThemAll() {
    List<IssuedKey> keys = Stream.generate(() -> issuer.issued("read:users")).limit(20).toList();

    assertTaken(report(keys.stream().map(IssuedKey::secret).toArray(String[]::new)));

    for (IssuedKey key : keys) {
      assertThat(issuer.codeOf(key.secret())).isEqualTo("REVOKED");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"reason\": \"r\"}",
        "{\"secrets\": []}",
        "{\"secret\": \"x\", \"secrets\": [\"x\"]}"
      })
  void aReportOfNothingOrOfTwoKindsIsRefused(String body) {
    assertThat(anybody.post(LEAKS, body).body().path("code").asString()).isEqualTo("invalid-field");
  }

  @Test
  void otherBodiesAreRefusedAndQuoteNothing() {
    for (String body :
        List.of(
            "{\"secret\": 7}",
            "{\"secrets\": [null]}",
            "{\"secrets\": \"canary\"}",
            "{\"secrets\": [\"canary\", 7]}",
            "{\"secret\": \"canary\", \"key\": \"canary\"}")) {
      Answer answer = anybody.post(LEAKS, body);
      assertProblem(answer, 400, "bad-request");
      assertThat(answer.text()).doesNotContain("canary");
    }
    String start = "{\"secret\": \"";
    String longest = start + "x".repeat(BODY_BYTES_MAX - start.length() - 2) + "\"}";
    assertTaken(anybody.post(LEAKS, longest));
    assertProblem(anybody.post(LEAKS, longest + " "), 413, "too-large");
    assertProblem(anybody.post(LEAKS + "?secret=x", "{}"), 400, "bad-request");
    assertWrongField(
        anybody.post(LEAKS, "{\"secret\": \"x\", \"reason\": \"%s\"}".formatted("r".repeat(501))),
        422,
        "invalid-field",
        "reason");
  }

  @Test
  void theBearerOfACredentialIsRecordedAndAnInvalidOneRefused() {
    IssuedKey key = issuer.issued("read:users");
    String body = "{\"secret\": \"%s\"}".formatted(key.secret());

    assertProblem(anybody.bearer("x").post(LEAKS, body), 401, "unauthorized");
    assertProblem(anybody.bearer(key.secret()).post(LEAKS, body), 401, "unauthorized");
    assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
    assertTaken(keyledger.root().post(LEAKS, body));

    assertThat(issuer.history(key).get(1).at("/actor/type").asString()).isEqualTo("root");
  }

  private Answer report(String... secrets) {
    return anybody.post(LEAKS, "{\"secrets\": %s}".formatted(Issuer.strings(secrets)));
  }

  private static void assertTaken(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(202);
    assertThat(answer.text()).isEqualTo("{}");
  }

  /** Returns the types, without events that a timer records soon after the end of an overlap. */
  private static List<String> types(JsonNode history) {
    return history
        .valueStream()
        .map(entry -> entry.path("type").asString())
        .filter(type -> !type.equals("RotationCompleted"))
        .toList();
  }

  private static String sha256(String secret) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.UTF_8)));
  }
}
