package dev.keyledger.standalone.everyday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Metrics;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Times of effect: a change takes effect at that very instant, and not a microsecond earlier. */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MovedClockIT {
  private KeyledgerProcess keyledger;
  private Issuer issuer;

  @BeforeAll
  void start() {
    keyledger = KeyledgerProcess.standalone();
    issuer = keyledger.issuer();
  }

  @AfterAll
  void end() {
    keyledger.close();
  }

  /**
   * Sets the clock right, because a node refuses commands while its clock differs from the
   * database's.
   */
  @AfterEach
  void setTheClockRight() {
    keyledger.useSystemClock();
    await().until(() -> issueStatus() == 201);
  }

  @Test
  void aKeyIsGoodBeforeItsExpiryAndNotAtIt() {
    Instant expiresAt = inOneHour();
    IssuedKey key = issuer.issuedWith("\"expiresAt\": \"%s\"".formatted(expiresAt), "read:users");

    keyledger.setClock(expiresAt.minus(1, ChronoUnit.MICROS));
    assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
    assertThat(statusOf(key)).isEqualTo("active");
    assertThat(forwardAuth(key)).isEqualTo(200);

    keyledger.setClock(expiresAt);
    assertThat(issuer.codeOf(key.secret())).isEqualTo("EXPIRED");
    assertThat(statusOf(key)).isEqualTo("expired");
    assertThat(forwardAuth(key)).isEqualTo(401);
  }

  @Test
  void aKeyIsGoodFromItsBeginningOnAndNotBefore() {
    Instant notBefore = inOneHour();
    IssuedKey key = issuer.issuedWith("\"notBefore\": \"%s\"".formatted(notBefore), "read:users");

    keyledger.setClock(notBefore.minus(1, ChronoUnit.MICROS));
    assertThat(issuer.codeOf(key.secret())).isEqualTo("NOT_YET_ACTIVE");
    assertThat(statusOf(key)).isEqualTo("not-yet-active");

    keyledger.setClock(notBefore);
    assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
    assertThat(statusOf(key)).isEqualTo("active");
  }

  @Test
  void theOldSecretIsGoodUntilTheOverlapEnds() {
    IssuedKey first = issuer.issued("read:users");
    IssuedKey second = issuer.rotated(first, "{\"overlap\": \"PT2H\"}");
    Instant end = Instant.parse(second.answer().body().path("overlapEndsAt").asString());

    keyledger.setClock(end.minus(1, ChronoUnit.MICROS));
    assertThat(issuer.codeOf(first.secret())).isEqualTo("VALID");
    assertThat(issuer.codeOf(second.secret())).isEqualTo("VALID");

    keyledger.setClock(end);
    assertThat(issuer.codeOf(first.secret())).isEqualTo("ROTATED_OUT");
    assertThat(issuer.codeOf(second.secret())).isEqualTo("VALID");
    assertThat(issuer.read(first).has("overlapEndsAt")).isFalse();
  }

  /** Checks the limit even if no node records the start of the overlap. */
  @Test
  void theOldSecretIsGoodAtMostThirtyDaysAndTheOverlapAfterARotation() {
    IssuedKey first = issuer.issued("read:users");
    issuer.rotated(first, "{\"overlap\": \"PT2H\", \"overlapFrom\": \"first-use\"}");
    Instant rotated =
        Instant.parse(issuer.history(first).path(1).at("/data/overlapEndsAt").asString());
    Instant start = rotated.minus(Duration.ofHours(2));

    keyledger.setClock(start.minus(1, ChronoUnit.MICROS));
    assertThat(issuer.verified(first.secret()).path("code").asString()).isEqualTo("VALID");
    assertThat(issuer.verified(first.secret()).has("overlapEndsAt")).isFalse();
    keyledger.setClock(start);
    assertThat(issuer.verified(first.secret()).path("overlapEndsAt").asString())
        .isEqualTo(rotated.toString());
    keyledger.setClock(rotated.minus(1, ChronoUnit.MICROS));
    assertThat(issuer.codeOf(first.secret())).isEqualTo("VALID");
    keyledger.setClock(rotated);
    assertThat(issuer.codeOf(first.secret())).isEqualTo("ROTATED_OUT");
  }

  @Test
  void aPlannedRevocationIsInEffectAtItsTimeAndNotBefore() {
    Instant then = inOneHour();
    String plan = "{\"effectiveAt\": \"%s\"}".formatted(then);
    IssuedKey key = issuer.issued("read:users");
    issuer.done(key, "revoke", plan);
    IssuedKey operator = issuer.issued("keyledger:*");
    IssuedKey dependent = asked(operator).issuedWith("\"lifetime\": \"P1D\"", "keyledger:*");
    issuer.done(operator, "revoke", plan);

    keyledger.setClock(then.minus(1, ChronoUnit.MICROS));
    assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
    assertThat(forwardAuth(key)).isEqualTo(200);
    assertThat(statusOf(key)).isEqualTo("active");
    assertThat(issuer.read(key).has("planned")).isTrue();
    await().untilAsserted(() -> assertThat(listed("active")).contains(key.id()));
    assertThat(listed("revoked")).doesNotContain(key.id());
    for (IssuedKey good : List.of(operator, dependent)) {
      assertThat(asked(good).client().get("/v1/keys?limit=1").status()).isEqualTo(200);
      assertThat(asked(good).client().post("/v1/keys", "{}").status()).isNotEqualTo(401);
    }

    keyledger.setClock(then);
    JsonNode decision = issuer.verified(key.secret());
    assertThat(decision.path("code").asString()).isEqualTo("REVOKED");
    assertThat(decision.at("/decidedBy/type").asString()).isEqualTo("RevocationPlanned");
    assertThat(forwardAuth(key)).isEqualTo(401);
    assertThat(statusOf(key)).isEqualTo("revoked");
    assertThat(issuer.read(key).path("revokedAt").asString()).isEqualTo(then.toString());
    assertThat(issuer.history(key)).hasSize(2);
    await().untilAsserted(() -> assertThat(listed("revoked")).contains(key.id()));
    assertThat(listed("active")).doesNotContain(key.id());
    for (IssuedKey dead : List.of(operator, dependent)) {
      assertThat(asked(dead).client().get("/v1/keys?limit=1").status()).isEqualTo(401);
      assertThat(asked(dead).client().post("/v1/keys", "{}").status()).isEqualTo(401);
    }
    JsonNode invalid = issuer.verified(dependent.secret());
    assertThat(invalid.path("code").asString()).isEqualTo("ISSUER_INVALID");
    assertThat(invalid.at("/decidedBy/type").asString()).isEqualTo("RevocationPlanned");
    Answer self = keyledger.client().bearer(key.secret()).get("/v1/self");
    assertThat(self.status()).isEqualTo(401);
  }

  @Test
  void aPlannedSuspensionIsInEffectAtItsTimeAndNotBefore() {
    Instant then = inOneHour();
    IssuedKey key = issuer.issued("read:users");
    issuer.done(key, "suspend", "{\"effectiveAt\": \"%s\"}".formatted(then));

    keyledger.setClock(then.minus(1, ChronoUnit.MICROS));
    assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
    await().untilAsserted(() -> assertThat(listed("active")).contains(key.id()));
    assertThat(listed("suspended")).doesNotContain(key.id());

    keyledger.setClock(then);
    JsonNode decision = issuer.verified(key.secret());
    assertThat(decision.path("code").asString()).isEqualTo("SUSPENDED");
    assertThat(decision.at("/decidedBy/type").asString()).isEqualTo("SuspensionPlanned");
    assertThat(statusOf(key)).isEqualTo("suspended");
    await().untilAsserted(() -> assertThat(listed("suspended")).contains(key.id()));
    JsonNode self = keyledger.client().bearer(key.secret()).get("/v1/self").body();
    assertThat(self.path("status").asString()).isEqualTo("suspended");
    assertThat(self.path("holderMay").isEmpty()).isTrue();
  }

  private Issuer asked(IssuedKey operator) {
    return new Issuer(keyledger.client().bearer(operator.secret()));
  }

  /** Returns the ids of the newest keys of a status. */
  private List<String> listed(String status) {
    return issuer
        .client()
        .get("/v1/keys?limit=200&status=" + status)
        .body()
        .path("data")
        .valueStream()
        .map(key -> key.path("keyId").asString())
        .toList();
  }

  @Test
  void aClockThatIsWrongExtendsNoKeyBecauseNoCommandIsTaken() {
    IssuedKey key = issuer.issuedWith("\"lifetime\": \"PT1H\"", "read:users");

    keyledger.setClock(Instant.now().plus(Duration.ofHours(2)));
    Problems.assertProblem(
        issuer.command(key, "renew", "{\"lifetime\": \"P1D\"}"), 503, "store-unavailable");
    assertThat(issuer.history(key)).hasSize(1);
  }

  /** Checks that an expired key stays expired, whatever the machine's clock is set to. */
  @ParameterizedTest
  @ValueSource(strings = {"-PT1H", "-P365D", "PT1H", "P365D"})
  void aSetClockExtendsNothingMovesNoPositionAndIsReported(String byText) {
    Duration by = Duration.parse(byText);
    IssuedKey brief = issuer.issuedWith("\"lifetime\": \"PT1S\"", "read:users");
    IssuedKey key = issuer.issuedWith("\"lifetime\": \"PT30M\"", "read:users");
    await().until(() -> issuer.history(brief).size() == 2); // it has expired, and that is recorded
    JsonNode before = issuer.verified(key.secret());
    assertThat(before.path("code").asString()).isEqualTo("VALID");

    keyledger.setClock(Instant.now().plus(by));
    assertThat(issuer.codeOf(brief.secret())).isEqualTo("EXPIRED");
    assertThat(forwardAuth(brief)).isEqualTo(401);
    JsonNode meanwhile = issuer.verified(key.secret());
    assertThat(meanwhile.path("code").asString()).isEqualTo(by.isNegative() ? "VALID" : "EXPIRED");
    assertThat(meanwhile.path("position")).isEqualTo(before.path("position"));
    assertThat(meanwhile.path("expiresAt")).isEqualTo(before.path("expiresAt"));
    assertThat(issueStatus()).isEqualTo(503);
    double ahead = Metrics.of(keyledger).sum("keyledger_clock_ahead_seconds");
    assertThat(Math.abs(ahead - by.toSeconds())).isLessThan(600);
    Answer readiness = keyledger.root().get("/actuator/health/readiness");
    assertThat(readiness.status()).isEqualTo(503);
    assertThat(readiness.text()).contains("\"clockAheadMillis\"");
    if (by.isNegative()) {
      assertThat(keyledger.output()).contains("this machine's clock is ");
      assertThat(Metrics.of(keyledger).sum("keyledger_clock_set_back_seconds")).isGreaterThan(3000);
    }

    keyledger.useSystemClock();
    await().until(() -> issueStatus() == 201);
    assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
    assertThat(issuer.codeOf(brief.secret())).isEqualTo("EXPIRED");
    assertThat(issuer.verified(key.secret()).path("position").asLong())
        .isEqualTo(before.path("position").asLong() + 1);
  }

  private int issueStatus() {
    return keyledger.root().post("/v1/keys", "{%s}".formatted(Issuer.fields())).status();
  }

  private int forwardAuth(IssuedKey key) {
    return keyledger.client().bearer(key.secret()).get("/v1/forward-auth").status();
  }

  private String statusOf(IssuedKey key) {
    return issuer.read(key).path("status").asString();
  }

  private static Instant inOneHour() {
    return Instant.now().plus(Duration.ofHours(1)).truncatedTo(ChronoUnit.MICROS);
  }
}
