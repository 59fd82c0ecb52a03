package dev.keyledger.standalone.everyday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Timeout(120)
@ParameterizedClass
@EnumSource(Port.class)
@ExtendWith(SharedStandalone.class)
class Verify200IT {
  @Parameter Port port = Port.MAIN;

  private Issuer issuer;

  @BeforeEach
  void keyledger(KeyledgerProcess keyledger) {
    issuer = keyledger.issuer(port);
  }

  @ParameterizedTest
  @ValueSource(strings = {"app", "service", "user"})
  void aGoodKeySaysWhoseItIs(String type) {
    IssuedKey key =
        issuer.issuedFrom(
            """
            {"name": "Nightly report", "owner": {"type": "%s", "id": "42"},
             "permissions": ["read:users"], "metadata": {"team": "data"}}
            """
                .formatted(type));

    JsonNode decision = issuer.verified(key.secret());

    assertThat(decision.path("valid").asBoolean()).isTrue();
    assertThat(decision.path("code").asString()).isEqualTo("VALID");
    assertThat(decision.path("keyId").asString()).isEqualTo(key.id());
    assertThat(decision.path("name").asString()).isEqualTo("Nightly report");
    assertThat(decision.path("workspace").asString()).isEqualTo("default");
    assertThat(decision.path("owner").path("type").asString()).isEqualTo(type);
    assertThat(decision.path("owner").path("id").asString()).isEqualTo("42");
    assertThat(decision.path("environment").asString()).isEqualTo("live");
    assertThat(texts(decision.path("permissions"))).containsExactly("read:users");
    assertThat(decision.path("metadata").path("team").asString()).isEqualTo("data");
    assertThat(decision.path("generation").asInt()).isEqualTo(1);
    assertThat(decision.path("expiresAt")).isEqualTo(key.answer().body().path("expiresAt"));
    assertThat(decision.path("renewableUntil"))
        .isEqualTo(key.answer().body().path("renewableUntil"));
    assertThat(decision.path("decidedBy").path("type").asString()).isEqualTo("KeyIssued");
    assertThat(decision.path("position").asLong()).isPositive();
    assertThat(decision.path("asOf").asString()).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    // a secret with a wrong last character, a well-formed one of no key, and foreign keys
    "kl_live_0000000000000000000000000000000000000000000000000, MALFORMED",
    "some-key-of-a-team, NOT_FOUND",
    "x, NOT_FOUND",
    "'two words', MALFORMED",
    "kéy, MALFORMED",
  })
  void aMissRevealsNothing(String secret, String code) {
    JsonNode decision = issuer.verified(secret);

    assertThat(decision.path("code").asString()).isEqualTo(code);
    assertThat(decision.path("valid").asBoolean(true)).isFalse();
    assertThat(decision.propertyNames())
        .containsExactlyInAnyOrder("valid", "code", "position", "asOf");
  }

  @Test
  void aSecretWithOneOtherCharacterIsMalformed() {
    String secret = issuer.issued("read:users").secret();
    char other = secret.charAt(20) == 'A' ? 'B' : 'A';

    assertThat(issuer.codeOf(secret.substring(0, 20) + other + secret.substring(21)))
        .isEqualTo("MALFORMED");
    assertThat(issuer.codeOf(secret.toUpperCase(Locale.ROOT))).isNotEqualTo("VALID");
    assertThat(issuer.codeOf(secret)).isEqualTo("VALID");
  }

  @Test
  void theRootKeyIsNoKey(KeyledgerProcess keyledger) {
    assertThat(issuer.codeOf(keyledger.rootKey())).isEqualTo("NOT_FOUND");
  }

  @Test
  void anExpiredKeyIsGoodAgainOnceRenewed() {
    IssuedKey key = issuer.issuedWith("\"lifetime\": \"PT1S\"", "read:users");
    await().until(() -> issuer.codeOf(key.secret()).equals("EXPIRED"));
    assertThat(issuer.verified(key.secret()).path("valid").asBoolean()).isFalse();

    issuer.done(key, "renew", "{\"lifetime\": \"P1D\"}");

    JsonNode decision = issuer.verified(key.secret());
    assertThat(decision.path("code").asString()).isEqualTo("VALID");
    assertThat(decision.path("decidedBy").path("type").asString()).isEqualTo("KeyRenewed");
  }

  @Test
  void anExpiredKeyTakesNoCommandThatNeedsItAlive() {
    IssuedKey key = issuer.issuedWith("\"lifetime\": \"PT1S\"", "read:users");
    await().until(() -> issuer.codeOf(key.secret()).equals("EXPIRED"));

    for (String command : List.of("rotate", "retire-secret", "suspend", "resume")) {
      Problems.assertProblem(issuer.command(key, command, "{}"), 409, "key-expired");
    }
    assertThat(issuer.done(key, "revoke", "{}").path("status").asString()).isEqualTo("revoked");
    assertThat(issuer.codeOf(key.secret())).isEqualTo("REVOKED");
  }

  @Test
  void aSuspendedKeyRestsUntilItIsResumed() {
    IssuedKey key = issuer.issued("read:users");

    issuer.done(key, "suspend", "{}");
    assertThat(issuer.codeOf(key.secret())).isEqualTo("SUSPENDED");

    issuer.done(key, "resume", "{}");
    assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
  }

  @Test
  void bothSecretsAreGoodDuringTheOverlapAndOneAfterItsRetirement() {
    IssuedKey first = issuer.issued("read:users");
    IssuedKey second = issuer.rotated(first, "{}");

    assertThat(issuer.codeOf(first.secret())).isEqualTo("VALID");
    assertThat(issuer.verified(first.secret()).path("generation").asInt()).isEqualTo(1);
    assertThat(issuer.verified(first.secret()).has("overlapEndsAt")).isTrue();
    assertThat(issuer.verified(second.secret()).path("generation").asInt()).isEqualTo(2);

    issuer.done(first, "retire-secret", "{}");
    assertThat(issuer.codeOf(first.secret())).isEqualTo("ROTATED_OUT");
    assertThat(issuer.codeOf(second.secret())).isEqualTo("VALID");
  }

  @Test
  void aRotationWithoutOverlapEndsTheOldSecretAtOnce() {
    IssuedKey first = issuer.issued("read:users");
    IssuedKey second = issuer.rotated(first, "{\"overlap\": \"PT0S\"}");

    assertThat(issuer.codeOf(first.secret())).isEqualTo("ROTATED_OUT");
    assertThat(issuer.codeOf(second.secret())).isEqualTo("VALID");
  }

  @Test
  void theNextCheckAfterARevocationRefuses() {
    IssuedKey key = issuer.issued("read:users");
    issuer.done(key, "revoke", "{\"revocationReason\": \"leaked\"}");

    JsonNode decision = issuer.verified(key.secret());

    assertThat(decision.path("valid").asBoolean(true)).isFalse();
    assertThat(decision.path("code").asString()).isEqualTo("REVOKED");
    assertThat(decision.path("decidedBy").path("type").asString()).isEqualTo("KeyRevoked");
    assertThat(decision.path("decidedBy").path("position").asLong())
        .isEqualTo(issuer.history(key).path(1).path("position").asLong());
  }

  @Test
  void aCacheableAnswerHasAllConditions() {
    Instant tomorrow = Instant.now().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.MICROS);
    IssuedKey key =
        issuer.issuedWith(
            "\"ipAllowList\": [\"203.0.113.0/24\"], \"notBefore\": \"%s\"".formatted(tomorrow),
            "read:users");
    issuer.done(key, "suspend", "{\"effectiveAt\": \"%s\"}".formatted(tomorrow.plusSeconds(1)));

    JsonNode decision =
        issuer.verifiedWith("\"key\": \"%s\", \"cacheable\": true".formatted(key.secret()));

    assertThat(decision.path("code").asString()).isEqualTo("NOT_YET_ACTIVE");
    assertThat(decision.path("ipAllowList").toString()).isEqualTo("[\"203.0.113.0/24\"]");
    assertThat(decision.path("notBefore").asString()).isEqualTo(tomorrow.toString());
    assertThat(decision.path("planned")).isEqualTo(issuer.read(key).path("planned"));
  }

  @Test
  void anExplanationNamesTheEventBehindEachCondition() {
    IssuedKey key = issuer.issuedWith("\"ipAllowList\": [\"203.0.113.0/24\"]", "read:users");
    issuer.done(key, "suspend", "{}");
    issuer.done(key, "resume", "{}");
    issuer.done(key, "revoke", "{\"revocationReason\": \"leaked\"}");

    JsonNode decision =
        issuer.verifiedWith(
            """
            "key": "%s", "ip": "198.51.100.1", "explain": true, "permissions": {"anyOf": ["read:users"]}
            """
                .formatted(key.secret()));

    JsonNode conditions = decision.path("conditions");
    assertThat(
            conditions
                .valueStream()
                .map(condition ->
                    condition.path("code").asString()
                        + " "
                        + condition.path("passed")
                        + " "
                        + condition.path("event").path("type").asString("")))
        .containsExactly(
            "REVOKED false KeyRevoked",
            "ROTATED_OUT true ",
            "SUSPENDED true KeyResumed",
            "NOT_YET_ACTIVE true KeyIssued",
            "EXPIRED true KeyIssued",
            "ISSUER_INVALID true ",
            "WRONG_ENVIRONMENT true KeyIssued",
            "IP_NOT_ALLOWED false KeyIssued",
            "INSUFFICIENT_PERMISSIONS true KeyIssued");
    assertThat(conditions.path(0).path("event")).isEqualTo(decision.path("decidedBy"));
    assertThat(conditions.path(7).path("held").asString()).isEqualTo("198.51.100.1");
    assertThat(conditions.path(8).path("permissions").path(0).path("pattern").asString())
        .isEqualTo("read:users");
    assertThat(issuer.verifiedWith("\"key\": \"x\", \"explain\": true").propertyNames())
        .containsExactlyInAnyOrder("valid", "code", "position", "asOf");
  }

  @ParameterizedTest
  @CsvSource({
    "anyOf, read:users, VALID",
    "anyOf, read:orders, INSUFFICIENT_PERMISSIONS",
    "anyOf, read:orders|read:users, VALID",
    "allOf, read:users, VALID",
    "allOf, read:users|write:reports:monthly, VALID",
    "allOf, read:users|read:orders, INSUFFICIENT_PERMISSIONS",
    // read:users is itself and nothing below it
    "anyOf, read:users:email, INSUFFICIENT_PERMISSIONS",
    // write:reports:* is one or more segments more
    "anyOf, write:reports:monthly:2026, VALID",
    "anyOf, write:reports, INSUFFICIENT_PERMISSIONS",
    // *:public is any action, on that resource alone
    "anyOf, delete:public, VALID",
    "anyOf, delete:public:page, INSUFFICIENT_PERMISSIONS",
    // and never an operator's permission
    "anyOf, keyledger:verify, INSUFFICIENT_PERMISSIONS",
  })
  void permissionsAreHeldOrNot(String match, String required, String code) {
    IssuedKey key = issuer.issued("read:users", "write:reports:*", "*:public", "*:verify");

    JsonNode decision = permitted(key, match, required.split("\\|", -1));

    assertThat(decision.path("code").asString()).isEqualTo(code);
    assertThat(decision.path("valid").asBoolean()).isEqualTo(code.equals("VALID"));
  }

  @Test
  void missingPermissionsAreNamed() {
    IssuedKey key = issuer.issued("read:users");

    assertThat(
            texts(
                permitted(key, "allOf", "read:users", "read:orders", "read:carts")
                    .path("missingPermissions")))
        .containsExactlyInAnyOrder("read:orders", "read:carts");
    assertThat(
            texts(permitted(key, "anyOf", "read:orders", "read:carts").path("missingPermissions")))
        .containsExactlyInAnyOrder("read:orders", "read:carts");
  }

  @Test
  void anEmptyListOfPermissionsIsNoCondition() {
    IssuedKey key = issuer.issued();

    assertThat(permitted(key, "anyOf").path("code").asString()).isEqualTo("VALID");
    assertThat(permitted(key, "allOf").path("code").asString()).isEqualTo("VALID");
  }

  @ParameterizedTest
  @CsvSource({"live, WRONG_ENVIRONMENT", "test, VALID", "any, VALID"})
  void aTestKeyIsGoodWhereTestKeysAreWanted(String environment, String code) {
    IssuedKey key = issuer.issuedWith("\"environment\": \"test\"", "read:users");
    assertThat(key.secret()).startsWith("kl_test_");

    assertThat(
            issuer
                .verifiedWith(
                    "\"key\": \"%s\", \"environment\": \"%s\"".formatted(key.secret(), environment))
                .path("code")
                .asString())
        .isEqualTo(code);
    assertThat(issuer.codeOf(key.secret())).isEqualTo("WRONG_ENVIRONMENT");
  }

  @ParameterizedTest
  @CsvSource({
    "203.0.113.7, VALID",
    "203.0.114.7, IP_NOT_ALLOWED",
    "203.0.113.7:51234, VALID",
    "203.0.114.7:51234, IP_NOT_ALLOWED",
    "2001:db8::1, VALID",
    "[2001:db8::1]:443, VALID",
    "2001:db9::1, IP_NOT_ALLOWED"
  })
  void aKeyWithAnAllowListIsGoodFromThereOnly(String ip, String code) {
    IssuedKey key =
        issuer.issuedWith("\"ipAllowList\": [\"203.0.113.0/24\", \"2001:db8::/32\"]", "read:users");

    assertThat(
            issuer
                .verifiedWith("\"key\": \"%s\", \"ip\": \"%s\"".formatted(key.secret(), ip))
                .path("code")
                .asString())
        .isEqualTo(code);
    assertThat(issuer.codeOf(key.secret())).isEqualTo("IP_NOT_ALLOWED");
  }

  @Test
  void aBadCheckOfABatchHasAProblemAndTheOthersAreAnswered() {
    String good = "{\"key\": \"%s\"}".formatted(issuer.issued("read:users").secret());

    Answer answer =
        issuer
            .checks()
            .post(
                "/v1/verify/batch",
                "{\"checks\": [%1$s, {}, {\"key\": \"x\", \"ip\": \"x\"}, 7, %1$s]}"
                    .formatted(good));

    assertThat(answer.status()).isEqualTo(200);
    JsonNode results = answer.body().path("results");
    assertThat(results.valueStream().map(result -> result.path("code").asString("problem")))
        .containsExactly("VALID", "problem", "problem", "problem", "VALID");
    assertThat(results.valueStream().map(result -> result.at("/problem/status").asInt(200)))
        .containsExactly(200, 422, 400, 400, 200);
  }

  @Test
  void aSecretOfTheCallersOwnMakingIsAKey() throws Exception {
    String secret = "a-secret-that-a-team-made-long-ago-for-" + port;
    String digest =
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256")
                    .digest(secret.getBytes(StandardCharsets.US_ASCII)));
    IssuedKey key = issuer.issuedWith("\"secretSha256\": \"" + digest + "\"", "read:users");

    assertThat(key.answer().body().has("secret")).isFalse();
    assertThat(key.answer().body().has("secretHint")).isFalse();
    assertThat(issuer.codeOf(secret)).isEqualTo("VALID");
    assertThat(issuer.codeOf(secret + "x")).isEqualTo("NOT_FOUND");
  }

  private JsonNode permitted(IssuedKey key, String match, String... permissions) {
    return issuer.verifiedWith(
        "\"key\": \"%s\", \"permissions\": {\"%s\": %s}"
            .formatted(key.secret(), match, Issuer.strings(permissions)));
  }

  private static List<String> texts(JsonNode array) {
    return array.valueStream().map(JsonNode::asString).toList();
  }
}
