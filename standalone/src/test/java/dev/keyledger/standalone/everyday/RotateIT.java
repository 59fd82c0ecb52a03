package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import dev.keyledger.standalone.process.SharedStandalone;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Rotations that give the key a new expiry. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class RotateIT {
  private static final List<String> TIMERS = List.of("KeyExpired", "RotationCompleted");

  private KeyledgerProcess keyledger;
  private Issuer issuer;

  @BeforeEach
  void keyledger(KeyledgerProcess shared) {
    keyledger = shared;
    issuer = shared.issuer();
  }

  @Test
  void aRotationTakesALifetimeOrAnExpiry() {
    IssuedKey first = issuer.issued("read:users");
    IssuedKey second = issuer.rotated(first, "{\"lifetime\": \"P200D\", \"overlap\": \"PT1H\"}");
    Instant inHalfAYear = Instant.now().plus(Duration.ofDays(200));
    assertThat(Instant.parse(second.answer().body().path("expiresAt").asString()))
        .isCloseTo(inHalfAYear, within(1, ChronoUnit.HOURS));
    assertThat(second.answer().body().path("generation").asInt()).isEqualTo(2);
    assertThat(issuer.codeOf(first.secret())).isEqualTo("VALID");
    assertThat(issuer.codeOf(second.secret())).isEqualTo("VALID");

    String expiresAt =
        Instant.now().plus(Duration.ofDays(9)).truncatedTo(ChronoUnit.MILLIS).toString();
    IssuedKey third =
        issuer.rotated(
            first, "{\"expiresAt\": \"%s\", \"closeOverlap\": true}".formatted(expiresAt));
    assertThat(third.answer().body().path("expiresAt").asString()).isEqualTo(expiresAt);
    assertThat(types(issuer.history(first)))
        .containsExactly(
            "KeyIssued",
            "KeyRotated",
            "KeyRenewed",
            "SecretRetired",
            "RotationCompleted",
            "KeyRotated",
            "KeyRenewed");
  }

  @Test
  void withoutEitherTheExpiryStays() {
    IssuedKey first = issuer.issued("read:users");
    IssuedKey second = issuer.rotated(first, "{}");
    assertThat(second.answer().body().path("expiresAt"))
        .isEqualTo(first.answer().body().path("expiresAt"));
    assertProblem(
        issuer.command(
            first, "rotate", "{\"lifetime\": \"P1D\", \"expiresAt\": \"2099-01-01T00:00:00Z\"}"),
        422,
        "invalid-field");
    assertProblem(
        issuer.command(first, "rotate", "{\"lifetime\": \"P367D\", \"closeOverlap\": true}"),
        422,
        "lifetime-not-allowed");
  }

  @Test
  void anExpiredKeyComesBackWithItsNewSecretOnly() {
    IssuedKey first = issuer.issuedWith("\"lifetime\": \"PT1S\"", "read:users");
    await().until(() -> issuer.codeOf(first.secret()).equals("EXPIRED"));
    assertProblem(issuer.command(first, "rotate", "{}"), 409, "key-expired");

    IssuedKey second = issuer.rotated(first, "{\"lifetime\": \"P1D\", \"overlap\": \"PT12H\"}");
    assertThat(second.answer().body().has("overlapEndsAt")).isFalse();
    for (Port port : Port.values()) {
      Issuer there = keyledger.issuer(port);
      assertThat(there.codeOf(first.secret())).isEqualTo("ROTATED_OUT");
      assertThat(there.codeOf(second.secret())).isEqualTo("VALID");
    }
    assertThat(types(issuer.history(first)))
        .filteredOn(type -> !TIMERS.contains(type)) // before them, after them or never
        .containsExactly("KeyIssued", "KeyRotated", "KeyRenewed");
  }

  private static List<String> types(JsonNode history) {
    return history.valueStream().map(entry -> entry.path("type").asString()).toList();
  }
}
