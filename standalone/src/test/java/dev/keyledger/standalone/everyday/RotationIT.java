package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
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
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** The end of a rotation: the uses of its secrets, the start of its overlap, its completion. */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class RotationIT {
  private static final Duration LATE_MAX = Duration.ofMinutes(1);

  /** A use is known to the minute. */
  private static final Duration QUIET_MAX = LATE_MAX.plusMinutes(1);

  private static final String FIRST_USE = "{\"overlap\": \"PT1H\", \"overlapFrom\": \"first-use\"}";

  @ParameterizedTest
  @EnumSource(Port.class)
  void eachSecretShowsItsOwnLastUse(Port port, KeyledgerProcess keyledger) {
    Issuer issuer = keyledger.issuer(port);
    IssuedKey old = issuer.issued("read:users");
    IssuedKey young = issuer.rotated(old, "{\"overlap\": \"PT1H\"}");
    JsonNode rotated = young.answer().body();
    assertThat(rotated.path("secrets")).hasSize(2);
    assertSecret(rotated, 0, 2, null);
    assertSecret(rotated, 1, 1, rotated.path("overlapEndsAt").asString());
    assertThat(rotated.at("/secrets/0/secretHint")).isEqualTo(rotated.path("secretHint"));
    assertThat(rotated.at("/secrets/1/secretHint"))
        .isEqualTo(old.answer().body().path("secretHint"));

    assertThat(issuer.codeOf(old.secret())).isEqualTo("VALID");
    JsonNode oldUsed = awaitUse(issuer, old, 1);
    assertThat(oldUsed.at("/secrets/0").has("lastUsedAt")).isFalse();
    assertThat(oldUsed.at("/secrets/1/lastUsedAt")).isEqualTo(oldUsed.path("lastUsedAt"));
    assertThat(issuer.codeOf(young.secret())).isEqualTo("VALID");
    JsonNode bothUsed = awaitUse(issuer, old, 0);
    assertThat(bothUsed.at("/secrets/0/lastUsedAt")).isEqualTo(bothUsed.path("lastUsedAt"));
    assertThat(bothUsed.at("/secrets/1/lastUsedAt")).isEqualTo(oldUsed.path("lastUsedAt"));

    Client reader =
        keyledger.root().header("Keyledger-At-Least", young.answer().header("Keyledger-Position"));
    assertThat(ok(reader.get("/v1/keys?q=" + old.id())).at("/data/0/secrets"))
        .isEqualTo(bothUsed.path("secrets"));
    assertThat(ok(keyledger.client().bearer(young.secret()).get("/v1/self")).path("secrets"))
        .hasSize(2);
    JsonNode retired = issuer.done(old, "retire-secret", "{}");
    assertThat(retired.path("secrets")).hasSize(1);
    assertSecret(retired, 0, 2, null);
  }

  @ParameterizedTest
  @EnumSource(Port.class)
  void anOverlapThatWaitsBeginsWithTheFirstUse(Port port, KeyledgerProcess keyledger) {
    Issuer issuer = keyledger.issuer(port);
    IssuedKey old = issuer.issued("read:users");
    IssuedKey young = issuer.rotated(old, FIRST_USE);
    assertThat(young.answer().body().has("overlapEndsAt")).isFalse();
    assertSecret(young.answer().body(), 1, 1, null);
    JsonNode waiting = issuer.verified(old.secret());
    assertThat(waiting.path("code").asString()).isEqualTo("VALID");
    assertThat(waiting.path("currentGeneration").asInt()).isEqualTo(2);
    assertThat(waiting.has("overlapEndsAt")).isFalse();
    assertThat(rotationHeader(keyledger, port, old)).isEqualTo("superseded");
    assertProblem(issuer.command(old, "rotate", "{}"), 409, "rotation-in-progress");
    String explain = "\"key\": \"%s\", \"explain\": true".formatted(old.secret());
    JsonNode explained = issuer.verifiedWith(explain).at("/conditions/1");
    assertThat(explained.path("currentGeneration").asInt()).isEqualTo(2);
    assertThat(explained.has("overlapEndsAt")).isFalse();
    assertThat(types(issuer, old)).containsExactly("KeyIssued", "KeyRotated");

    Instant used = Instant.now();
    assertThat(issuer.codeOf(young.secret())).isEqualTo("VALID");
    await()
        .atMost(LATE_MAX)
        .until(
            () -> types(issuer, old).equals(List.of("KeyIssued", "KeyRotated", "OverlapStarted")));
    JsonNode start = issuer.history(old).path(2);
    assertThat(start.at("/actor/type").asString()).isEqualTo("system");
    assertThat(start.at("/data/generation").asInt()).isEqualTo(2);
    assertThat(start.at("/data/newSecretUsed").asBoolean()).isTrue();
    Instant started = Instant.parse(start.path("time").asString());
    assertThat(started).isBetween(used, used.plus(LATE_MAX));
    String end = start.at("/data/overlapEndsAt").asString();
    assertThat(Duration.between(started, Instant.parse(end)))
        .isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
    JsonNode key = issuer.read(old);
    assertThat(key.path("overlapEndsAt").asString()).isEqualTo(end);
    assertThat(key.path("version").asInt()).isEqualTo(2);
    assertSecret(key, 1, 1, end);
    await()
        .atMost(LATE_MAX)
        .until(() -> issuer.verified(old.secret()).path("overlapEndsAt").asString("").equals(end));
    assertThat(rotationHeader(keyledger, port, old)).isEqualTo("superseded; until=" + end);
    String audit = "/v1/audit?type=OverlapStarted&keyId=" + old.id();
    await()
        .atMost(LATE_MAX)
        .until(() -> ok(keyledger.root().get(audit)).path("data").path(0).equals(start));
  }

  @Test
  void anOverlapOfNothingEndsTheOldSecretWithTheFirstUse(KeyledgerProcess keyledger) {
    Issuer issuer = keyledger.issuer();
    IssuedKey old = issuer.issued("read:users", "keyledger:self:rotate");
    Client holder = keyledger.client().bearer(old.secret());
    IssuedKey young =
        IssuedKey.of(
            holder.post(
                old.path() + "/rotate", "{\"overlap\": \"PT0S\", \"overlapFrom\": \"first-use\"}"));
    assertThat(issuer.codeOf(old.secret())).isEqualTo("VALID");
    assertThat(issuer.codeOf(young.secret())).isEqualTo("VALID");
    await().atMost(LATE_MAX).until(() -> issuer.codeOf(old.secret()).equals("ROTATED_OUT"));
    assertThat(issuer.verified(old.secret()).at("/decidedBy/type").asString())
        .isEqualTo("OverlapStarted");
    await().atMost(LATE_MAX).until(() -> types(issuer, old).contains("RotationCompleted"));
    assertCompletion(issuer, old, true);
  }

  @Test
  void anOverlapThatWaitsIsOpen(KeyledgerProcess keyledger) {
    Issuer issuer = keyledger.issuer();
    IssuedKey leaked = issuer.issued("read:users");
    IssuedKey current = issuer.rotated(leaked, FIRST_USE);
    Answer report =
        keyledger.client().post("/v1/leaks", "{\"secret\": \"%s\"}".formatted(leaked.secret()));
    assertThat(report.status()).isEqualTo(202);
    await().atMost(LATE_MAX).until(() -> issuer.codeOf(leaked.secret()).equals("ROTATED_OUT"));
    assertThat(issuer.codeOf(current.secret())).isEqualTo("VALID");

    IssuedKey closed = issuer.issued("read:users");
    issuer.rotated(closed, FIRST_USE);
    issuer.rotated(closed, "{\"closeOverlap\": true, \"overlap\": \"P1D\"}");
    assertThat(types(issuer, closed))
        .containsExactly(
            "KeyIssued", "KeyRotated", "SecretRetired", "RotationCompleted", "KeyRotated");
    assertCompletion(issuer, closed, false);
    assertThat(issuer.codeOf(closed.secret())).isEqualTo("ROTATED_OUT");
  }

  @Test
  void aRotationIsCompleteOnceItsOldSecretIsQuietOrItsOverlapHasEnded(KeyledgerProcess keyledger) {
    String workspace = "rotation-" + UUID.randomUUID();
    Answer opened =
        keyledger
            .root()
            .post(
                "/v1/workspaces",
                "{\"workspace\": \"%s\", \"policy\": {\"rotationQuiet\": \"PT0S\"}}"
                    .formatted(workspace));
    assertThat(opened.status()).as(opened.text()).isEqualTo(201);
    assertThat(opened.body().at("/policy/rotationQuiet").asString()).isEqualTo("PT0S");
    Issuer issuer = new Issuer(keyledger.root().header("Keyledger-Workspace", workspace));
    Issuer other = keyledger.issuer();
    assertThat(
            ok(keyledger.root().get("/v1/workspaces/default"))
                .at("/policy/rotationQuiet")
                .asString())
        .isEqualTo("PT1H");

    IssuedKey moved = issuer.issued("read:users");
    IssuedKey movedTo = issuer.rotated(moved, "{\"overlap\": \"P1D\"}");
    IssuedKey unused = issuer.issued("read:users");
    issuer.rotated(unused, "{\"overlap\": \"P1D\"}");
    IssuedKey patient = other.issued("read:users");
    IssuedKey patientTo = other.rotated(patient, "{\"overlap\": \"P1D\"}");
    IssuedKey brief = other.issued("read:users");
    other.rotated(brief, "{\"overlap\": \"PT1S\"}");
    IssuedKey retired = other.issued("read:users");
    other.rotated(retired, "{\"overlap\": \"P1D\"}");
    other.done(retired, "retire-secret", "{}");
    assertThat(issuer.codeOf(moved.secret())).isEqualTo("VALID");
    assertThat(issuer.codeOf(movedTo.secret())).isEqualTo("VALID");
    assertThat(other.codeOf(patientTo.secret())).isEqualTo("VALID");

    for (IssuedKey ended : List.of(brief, retired)) {
      await().atMost(LATE_MAX).until(() -> types(other, ended).contains("RotationCompleted"));
      assertCompletion(other, ended, false);
    }
    await().atMost(QUIET_MAX).until(() -> types(issuer, moved).contains("RotationCompleted"));
    assertCompletion(issuer, moved, true);
    assertThat(issuer.codeOf(moved.secret())).as("it ends nothing").isEqualTo("VALID");
    assertThat(issuer.read(moved).path("version").asInt()).isEqualTo(2);
    assertThat(types(issuer, unused)).containsExactly("KeyIssued", "KeyRotated");
    assertThat(types(other, patient)).containsExactly("KeyIssued", "KeyRotated");
    assertThat(types(other, brief)).containsExactly("KeyIssued", "KeyRotated", "RotationCompleted");
    assertThat(Exported.count(issuer.client(), "dev.keyledger.RotationCompleted")).isEqualTo(1);
  }

  @Test
  void anInvalidStartOfAnOverlapIsRefused(KeyledgerProcess keyledger) {
    Issuer issuer = keyledger.issuer();
    IssuedKey key = issuer.issued("read:users", "keyledger:self:rotate");
    Client holder = keyledger.client().bearer(key.secret());
    for (String wrong : List.of("later", "FIRST-USE", "")) {
      String body = "{\"overlapFrom\": \"%s\"}".formatted(wrong);
      assertProblem(issuer.command(key, "rotate", body), 422, "invalid-field");
      assertProblem(holder.post("/v1/self/rotate", body), 422, "invalid-field");
    }
    assertProblem(issuer.command(key, "rotate", "{\"overlapFrom\": 1}"), 400, "bad-request");
    IssuedKey other = issuer.issued("read:users");
    assertProblem(
        keyledger.client().bearer(other.secret()).post("/v1/self/rotate", FIRST_USE),
        403,
        "forbidden");
    assertProblem(
        issuer.command(key, "rotate", "{\"overlap\": \"P367D\", \"overlapFrom\": \"first-use\"}"),
        422,
        "invalid-field");
    assertThat(types(issuer, key)).containsExactly("KeyIssued");
    JsonNode now = issuer.done(key, "rotate", "{\"overlapFrom\": \"now\"}");
    assertThat(now.has("overlapEndsAt")).isTrue();
    String longest =
        "{\"overlap\": \"P366D\", \"overlapFrom\": \"first-use\", \"closeOverlap\": true}";
    assertThat(issuer.done(key, "rotate", longest).has("overlapEndsAt")).isFalse();
  }

  private static void assertSecret(
      JsonNode key, int index, int generation, @Nullable String endsAt) {
    JsonNode secret = key.path("secrets").path(index);
    assertThat(secret.path("generation").asInt()).isEqualTo(generation);
    assertThat(secret.path("endsAt").asString("")).isEqualTo(endsAt == null ? "" : endsAt);
  }

  private static void assertCompletion(Issuer issuer, IssuedKey key, boolean newSecretUsed) {
    List<JsonNode> completions =
        issuer
            .history(key)
            .valueStream()
            .filter(entry -> entry.path("type").asString().equals("RotationCompleted"))
            .toList();
    assertThat(completions).hasSize(1);
    assertThat(completions.getFirst().at("/data/generation").asInt()).isEqualTo(2);
    assertThat(completions.getFirst().at("/data/newSecretUsed").asBoolean())
        .isEqualTo(newSecretUsed);
  }

  private static JsonNode awaitUse(Issuer issuer, IssuedKey key, int secret) {
    return await()
        .atMost(LATE_MAX)
        .until(() -> issuer.read(key), read -> read.path("secrets").path(secret).has("lastUsedAt"));
  }

  private static String rotationHeader(KeyledgerProcess keyledger, Port port, IssuedKey key) {
    return keyledger
        .client(port)
        .bearer(key.secret())
        .get("/v1/forward-auth")
        .header("X-Key-Rotation");
  }

  private static List<String> types(Issuer issuer, IssuedKey key) {
    return issuer.history(key).valueStream().map(entry -> entry.path("type").asString()).toList();
  }

  private static JsonNode ok(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body();
  }
}
