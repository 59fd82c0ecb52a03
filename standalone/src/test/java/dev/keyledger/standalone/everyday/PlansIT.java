package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static dev.keyledger.standalone.everyday.Problems.assertWrongField;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.Exported;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Revocations and suspensions for a later time; {@code MovedClockIT} tests the very instant. */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class PlansIT {
  private static final Duration LATE_MAX = Duration.ofMinutes(1);
  private final String tomorrow =
      Instant.now().plus(Duration.ofDays(1)).truncatedTo(ChronoUnit.MICROS).toString();

  private KeyledgerProcess keyledger;
  private Issuer issuer;

  @BeforeEach
  void keyledger(KeyledgerProcess shared) {
    keyledger = shared;
    issuer = shared.issuer();
  }

  @ParameterizedTest
  @EnumSource(Port.class)
  void aPlannedRevocationTakesEffectByItselfAndIsRecorded(Port port) {
    IssuedKey key = issuer.issued("read:users");
    Instant then = soon();

    JsonNode planned =
        issuer.done(
            key,
            "revoke",
            "{\"effectiveAt\": \"%s\", \"revocationReason\": \"superseded\", \"reason\": \"It moves\"}"
                .formatted(then));
    assertThat(planned.path("status").asString()).isEqualTo("active");
    assertThat(planned.path("version").asInt()).isEqualTo(2);
    assertThat(planned.path("planned").toString())
        .isEqualTo(
            "{\"command\":\"revoke\",\"effectiveAt\":\"%s\",\"revocationReason\":\"superseded\"}"
                .formatted(then));
    assertThat(issuer.read(key).path("planned")).isEqualTo(planned.path("planned"));

    Issuer checks =
        new Issuer(keyledger.root(), keyledger.client(port).bearer(keyledger.rootKey()));
    await().atMost(LATE_MAX).until(() -> checks.codeOf(key.secret()).equals("REVOKED"));
    JsonNode effective = issuer.read(key);
    assertThat(effective.path("status").asString()).isEqualTo("revoked");
    assertThat(effective.path("revokedAt").asString()).isEqualTo(then.toString());
    assertThat(effective.path("revocationReason").asString()).isEqualTo("superseded");
    assertThat(effective.has("planned")).isFalse();
    assertProblem(
        issuer.client().patch(key.path(), "{\"name\": \"too late\"}"), 409, "key-revoked");
    assertProblem(issuer.command(key, "cancel-plan", "{}"), 409, "key-revoked");
    assertThat(issuer.done(key, "revoke", "{}").path("revocationReason").asString())
        .as("it is revoked already")
        .isEqualTo("superseded");

    await()
        .atMost(LATE_MAX)
        .untilAsserted(() ->
            assertThat(types(key)).containsExactly("KeyIssued", "RevocationPlanned", "KeyRevoked"));
    JsonNode recorded = issuer.history(key).path(2);
    assertThat(recorded.at("/actor/type").asString()).isEqualTo("system");
    assertThat(recorded.path("reason").asString()).isEqualTo("It moves");
    assertThat(recorded.has("ip")).isFalse();
    assertThat(recorded.at("/data/revocationReason").asString()).isEqualTo("superseded");
    assertThat(Instant.parse(recorded.path("time").asString()))
        .isBetween(then, then.plus(LATE_MAX));
    assertThat(issuer.read(key).path("revokedAt").asString()).isEqualTo(then.toString());
    await()
        .atMost(LATE_MAX)
        .until(() ->
            checks.verified(key.secret()).at("/decidedBy/type").asString().equals("KeyRevoked"));
    assertInTheListsOfEvents(key);
  }

  private void assertInTheListsOfEvents(IssuedKey key) {
    Client client = issuer.client();
    JsonNode history = issuer.history(key);
    String path = "/v1/audit?order=asc&keyId=" + key.id();
    await()
        .atMost(LATE_MAX)
        .untilAsserted(() -> assertThat(ok(client.get(path)).path("data")).isEqualTo(history));
    assertThat(ok(client.get(path + "&type=RevocationPlanned")).path("data"))
        .containsExactly(history.path(1));
    assertThat(
            Exported.by(client).stream()
                .map(JsonNode::toString)
                .filter(event -> event.contains(key.id())))
        .hasSize(3)
        .anyMatch(event -> event.contains("dev.keyledger.RevocationPlanned"));
    String before = client.get(key.path() + "/at?position=" + history.at("/1/position")).text();
    assertThat(before).contains("\"planned\":{").contains("\"status\":\"active\"");
  }

  @Test
  void aPlannedSuspensionTakesEffectByItselfAndCanBeResumedAtOnce() {
    IssuedKey key = issuer.issued("read:users");
    JsonNode planned =
        issuer.done(
            key,
            "suspend",
            "{\"effectiveAt\": \"%s\", \"reason\": \"The trial ends\"}".formatted(soon()));
    assertThat(planned.at("/planned/command").asString()).isEqualTo("suspend");
    assertThat(planned.path("planned").has("revocationReason")).isFalse();
    assertProblem(issuer.command(key, "resume", "{}"), 409, "key-not-suspended");

    await().atMost(LATE_MAX).until(() -> issuer.codeOf(key.secret()).equals("SUSPENDED"));
    assertThat(issuer.read(key).path("status").asString()).isEqualTo("suspended");
    assertThat(issuer.done(key, "suspend", "{}").path("status").asString()).isEqualTo("suspended");
    assertProblem(
        issuer.command(key, "suspend", "{\"effectiveAt\": \"%s\"}".formatted(tomorrow)),
        409,
        "conflict");
    assertThat(issuer.done(key, "resume", "{\"reason\": \"Paid\"}").path("status").asString())
        .isEqualTo("active");
    assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
    assertThat(types(key))
        .containsExactly("KeyIssued", "SuspensionPlanned", "KeySuspended", "KeyResumed");
    JsonNode recorded = issuer.history(key).path(2);
    assertThat(recorded.at("/actor/type").asString())
        .as("whether the sweep or the resumption has recorded it")
        .isEqualTo("system");
    assertThat(recorded.path("reason").asString()).isEqualTo("The trial ends");
    assertThat(issuer.history(key).path(3).path("reason").asString()).isEqualTo("Paid");
  }

  @ParameterizedTest
  @ValueSource(strings = {"revoke", "suspend"})
  void aPlanIsForTheFutureAndTheOnlyOne(String command) {
    IssuedKey key = issuer.issued("read:users");
    for (Instant notLater : List.of(Instant.now(), Instant.now().minus(Duration.ofDays(400)))) {
      assertWrongField(
          issuer.command(key, command, "{\"effectiveAt\": \"%s\"}".formatted(notLater)),
          422,
          "invalid-field",
          "effectiveAt");
    }
    for (String unreadable : List.of("\"tomorrow\"", "4102444800", "\"P1D\"", "\"2099-01-01\"")) {
      assertProblem(
          issuer.command(key, command, "{\"effectiveAt\": %s}".formatted(unreadable)),
          400,
          "bad-request");
    }
    String plan = "{\"effectiveAt\": \"%s\"}".formatted(tomorrow);
    JsonNode planned = issuer.done(key, command, plan);
    assertProblem(issuer.command(key, "revoke", plan), 409, "conflict");
    assertProblem(issuer.command(key, "suspend", plan), 409, "conflict");
    assertThat(issuer.read(key).path("planned")).isEqualTo(planned.path("planned"));

    assertThat(issuer.done(key, "renew", "{\"lifetime\": \"P91D\"}").path("planned"))
        .as("the key can be changed")
        .isEqualTo(planned.path("planned"));
    assertThat(issuer.done(key, "rotate", "{}").path("planned")).isEqualTo(planned.path("planned"));
    assertThat(issuer.done(key, "revoke", "{}").path("status").asString())
        .as("an immediate revocation is never refused")
        .isEqualTo("revoked");
    assertThat(issuer.read(key).has("planned")).isFalse();
  }

  @Test
  void onlyOneKeyIsPlannedForAtATimeAndOnlyByOperators() {
    IssuedKey key = issuer.issued("read:users");
    String plan = "{\"effectiveAt\": \"%s\"}".formatted(tomorrow);
    assertWrongField(
        issuer.client().post(key.path() + "/revoke?cascade=true", plan),
        422,
        "invalid-field",
        "effectiveAt");
    assertThat(issuer.client().post(key.path() + "/revoke?cascade=false", plan).status())
        .isEqualTo(200);
    assertProblem(
        issuer.client().post("/v1/owners/user/nobody/revoke-keys", plan), 400, "bad-request");
    assertProblem(
        keyledger.client().bearer(key.secret()).post("/v1/self/revoke", plan), 400, "bad-request");
    assertProblem(
        issuer.client().post("/v1/keys/key_01k0000000000000000000000x/revoke", plan),
        404,
        "not-found");
  }

  @Test
  void aPlanIsCancelledByWhoMayMakeIt() {
    Client revoker = operator("keyledger:keys:revoke", "keyledger:grant:*");
    Client suspender = operator("keyledger:keys:suspend", "keyledger:grant:*");
    IssuedKey key = issuer.issued("read:users");
    String plan = "{\"effectiveAt\": \"%s\"}".formatted(tomorrow);
    String cancel = key.path() + "/cancel-plan";

    Answer nothing = suspender.post(cancel, "{}");
    assertThat(ok(nothing).path("version").asInt()).as("nothing is planned").isEqualTo(1);
    assertThat(ok(revoker.post(cancel, "{}")).path("version").asInt()).isEqualTo(1);

    assertThat(ok(revoker.post(key.path() + "/revoke", plan)).has("planned")).isTrue();
    assertProblem(suspender.post(cancel, "{}"), 403, "forbidden");
    assertThat(suspender.post(cancel, "{}").text()).doesNotContain("revo");
    JsonNode cancelled = ok(revoker.post(cancel, "{\"reason\": \"They stay\"}"));
    assertThat(cancelled.has("planned")).isFalse();
    assertThat(cancelled.path("version").asInt()).isEqualTo(3);

    assertThat(ok(suspender.post(key.path() + "/suspend", plan)).has("planned")).isTrue();
    assertProblem(revoker.post(cancel, "{}"), 403, "forbidden");
    assertThat(ok(suspender.post(cancel, "{}")).path("version").asInt()).isEqualTo(5);
    assertProblem(
        operator("keyledger:keys:change", "keyledger:grant:*").post(cancel, "{}"),
        403,
        "forbidden");

    issuer.done(key, "revoke", plan);
    assertProblem(operator("keyledger:keys:revoke").post(cancel, "{}"), 403, "permission-ceiling");
    assertThat(types(key))
        .containsExactly(
            "KeyIssued",
            "RevocationPlanned",
            "PlanCancelled",
            "SuspensionPlanned",
            "PlanCancelled",
            "RevocationPlanned");
    issuer.done(key, "revoke", "{}");
    assertProblem(issuer.command(key, "cancel-plan", "{}"), 409, "key-revoked");
  }

  @Test
  void aPlanIsACommandLikeAllOthers() {
    IssuedKey key = issuer.issued("read:users");
    String plan = "{\"effectiveAt\": \"%s\"}".formatted(tomorrow);
    Client once = issuer.client().header("Idempotency-Key", UUID.randomUUID().toString());
    assertProblem(
        issuer.client().header("If-Match", "\"2\"").post(key.path() + "/revoke", plan),
        412,
        "version-mismatch");
    Answer first = once.header("If-Match", "\"1\"").post(key.path() + "/revoke?wait=applied", plan);
    assertThat(ok(first).has("planned")).isTrue();
    assertThat(first.header("ETag")).isEqualTo("\"2\"");
    assertThat(first.header("Keyledger-Receipt")).isNotEmpty();
    Answer again = once.header("If-Match", "\"1\"").post(key.path() + "/revoke?wait=applied", plan);
    assertThat(again.text()).isEqualTo(first.text());
    assertThat(again.header("Idempotent-Replayed")).isEqualTo("true");

    Client cancelling = issuer.client().header("Idempotency-Key", UUID.randomUUID().toString());
    Answer cancelled = cancelling.post(key.path() + "/cancel-plan", "{}");
    assertThat(ok(cancelled).path("version").asInt()).isEqualTo(3);
    assertThat(cancelling.post(key.path() + "/cancel-plan", "{}").text())
        .isEqualTo(cancelled.text());
    assertThat(types(key)).containsExactly("KeyIssued", "RevocationPlanned", "PlanCancelled");
  }

  @Test
  void anExpiryThatTheRevocationPrecedesHasNoReminder() {
    IssuedKey key = issuer.issuedWith("\"lifetime\": \"P20D\"", "read:users");
    Client holder = keyledger.client().bearer(key.secret());
    JsonNode reminder = issuer.read(key).path("nextReminderAt");
    assertThat(reminder.isMissingNode()).isFalse();

    issuer.done(key, "suspend", "{\"effectiveAt\": \"%s\"}".formatted(tomorrow));
    assertThat(issuer.read(key).path("nextReminderAt")).isEqualTo(reminder);
    issuer.done(key, "cancel-plan", "{}");
    issuer.done(key, "revoke", "{\"effectiveAt\": \"%s\"}".formatted(tomorrow));
    assertThat(issuer.read(key).has("nextReminderAt")).isFalse();
    JsonNode self = ok(holder.get("/v1/self"));
    assertThat(self.at("/planned/effectiveAt").asString()).isEqualTo(tomorrow);
    assertThat(self.has("nextReminderAt")).isFalse();
    issuer.done(key, "cancel-plan", "{}");
    assertThat(issuer.read(key).path("nextReminderAt")).isEqualTo(reminder);
  }

  @Test
  void anExplanationNamesThePlan() {
    IssuedKey key = issuer.issued("read:users");
    String asked = "\"key\": \"%s\", \"explain\": true".formatted(key.secret());
    issuer.done(
        key,
        "revoke",
        "{\"effectiveAt\": \"%s\", \"revocationReason\": \"policy\"}".formatted(tomorrow));
    JsonNode revoked = issuer.verifiedWith(asked).at("/conditions/0");
    assertThat(revoked.path("code").asString()).isEqualTo("REVOKED");
    assertThat(revoked.path("passed").asBoolean()).isTrue();
    assertThat(revoked.at("/event/type").asString()).isEqualTo("RevocationPlanned");
    assertThat(revoked.path("effectiveAt").asString()).isEqualTo(tomorrow);
    assertThat(revoked.path("revocationReason").asString()).isEqualTo("policy");

    issuer.done(key, "cancel-plan", "{}");
    revoked = issuer.verifiedWith(asked).at("/conditions/0");
    assertThat(revoked.at("/event/type").asString()).isEqualTo("PlanCancelled");
    assertThat(revoked.has("effectiveAt")).isFalse();

    issuer.done(key, "suspend", "{\"effectiveAt\": \"%s\"}".formatted(tomorrow));
    JsonNode suspended = issuer.verifiedWith(asked).at("/conditions/2");
    assertThat(suspended.path("code").asString()).isEqualTo("SUSPENDED");
    assertThat(suspended.at("/event/type").asString()).isEqualTo("SuspensionPlanned");
    assertThat(suspended.path("effectiveAt").asString()).isEqualTo(tomorrow);
  }

  private Client operator(String... permissions) {
    return keyledger.client().bearer(issuer.issued(permissions).secret());
  }

  private List<String> types(IssuedKey key) {
    return issuer.history(key).valueStream().map(entry -> entry.path("type").asString()).toList();
  }

  private static Instant soon() {
    return Instant.now().plusSeconds(3).truncatedTo(ChronoUnit.MICROS);
  }

  private static JsonNode ok(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body();
  }
}
