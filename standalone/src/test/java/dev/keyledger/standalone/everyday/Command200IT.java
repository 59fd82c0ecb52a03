package dev.keyledger.standalone.everyday;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Timeout(120)
@ExtendWith(SharedStandalone.class)
class Command200IT {
  private Issuer issuer;

  @BeforeEach
  void keyledger(KeyledgerProcess keyledger) {
    issuer = keyledger.issuer();
  }

  @ParameterizedTest
  @ValueSource(strings = {"app", "service", "user"})
  void aKeyIsIssuedToEachTypeOfOwner(String type) {
    IssuedKey key =
        issuer.issuedFrom(
            """
            {"name": "First", "owner": {"type": "%s", "id": "42"}, "permissions": ["read:users"]}
            """
                .formatted(type));

    JsonNode body = key.answer().body();
    assertThat(body.path("owner").path("type").asString()).isEqualTo(type);
    assertThat(body.path("owner").path("id").asString()).isEqualTo("42");
    assertThat(issuer.verified(key.secret()).path("owner").path("type").asString()).isEqualTo(type);
  }

  @Test
  void theAnswerToAnIssueNamesTheKeyAndIsNotKept() {
    Answer answer = issuer.issued("read:users").answer();
    JsonNode key = answer.body();

    assertThat(answer.header("Location")).isEqualTo("/v1/keys/" + key.path("keyId").asString());
    assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
    assertThat(answer.header("ETag")).isEqualTo("\"1\"");
    assertThat(answer.header("Keyledger-Position")).isNotEmpty();
    assertThat(key.path("secret").asString()).matches("kl_live_[0-9A-Za-z]{49}");
    assertThat(key.path("status").asString()).isEqualTo("active");
    assertThat(key.path("version").asInt()).isEqualTo(1);
    assertThat(issuer.client().get(answer.header("Location")).body().has("secret")).isFalse();
  }

  @Test
  void aKeyWithoutALifetimeGetsTheOneOfThePolicy() {
    JsonNode key = issuer.issued("read:users").answer().body();

    Instant expiresAt = Instant.parse(key.path("expiresAt").asString());
    assertThat(Duration.between(Instant.now(), expiresAt))
        .isBetween(Duration.ofDays(90).minusMinutes(2), Duration.ofDays(90));
    assertThat(Instant.parse(key.path("renewableUntil").asString()))
        .isEqualTo(expiresAt.plus(Duration.ofDays(30)));
  }

  @Test
  void anExpiryIsKeptToTheMicrosecond() {
    String expiresAt = Instant.now().plus(Duration.ofDays(2)).toString().substring(0, 19);

    IssuedKey key =
        issuer.issuedWith("\"expiresAt\": \"%s.123456Z\"".formatted(expiresAt), "read:users");

    assertThat(issuer.read(key).path("expiresAt").asString()).isEqualTo(expiresAt + ".123456Z");
  }

  @Test
  void aRenewalMovesTheExpiryAndCountsAsAVersion() {
    IssuedKey key = issuer.issuedWith("\"lifetime\": \"P1D\"", "read:users");

    Answer answer = issuer.command(key, "renew", "{\"lifetime\": \"P30D\"}");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("ETag")).isEqualTo("\"2\"");
    assertThat(
            Duration.between(
                Instant.parse(key.answer().body().path("expiresAt").asString()),
                Instant.parse(answer.body().path("expiresAt").asString())))
        .isBetween(Duration.ofDays(29), Duration.ofDays(29).plusMinutes(2));
    assertThat(answer.body().has("secret")).isFalse();
  }

  @Test
  void aRenewalMayShortenALifeIfItIsSaid() {
    IssuedKey key = issuer.issuedWith("\"lifetime\": \"P30D\"", "read:users");

    JsonNode renewed = issuer.done(key, "renew", "{\"lifetime\": \"P1D\", \"allowShorter\": true}");

    assertThat(Instant.parse(renewed.path("expiresAt").asString()))
        .isBefore(Instant.now().plus(Duration.ofDays(1)));
  }

  @Test
  void aSuspensionCanBeEndedAndRepeatsAddNothing() {
    IssuedKey key = issuer.issued("read:users");

    assertThat(issuer.done(key, "suspend", "{}").path("status").asString()).isEqualTo("suspended");
    assertThat(issuer.done(key, "suspend", "{}").path("version").asInt()).isEqualTo(2);
    assertThat(issuer.done(key, "resume", "{}").path("status").asString()).isEqualTo("active");

    assertThat(types(issuer.history(key)))
        .containsExactly("KeyIssued", "KeySuspended", "KeyResumed");
  }

  @Test
  void retiringClosesTheOverlapAndIsNothingWithoutOne() {
    IssuedKey first = issuer.issued("read:users");
    IssuedKey second = issuer.rotated(first, "{\"overlap\": \"P1D\"}");
    assertThat(second.answer().body().has("overlapEndsAt")).isTrue();
    assertThat(second.answer().header("Cache-Control")).isEqualTo("no-store");

    assertThat(issuer.done(first, "retire-secret", "{}").has("overlapEndsAt")).isFalse();
    issuer.done(first, "retire-secret", "{}");

    assertThat(types(issuer.history(first)))
        .containsExactly("KeyIssued", "KeyRotated", "SecretRetired");
  }

  @Test
  void aRotationMayCloseTheOverlapBeforeIt() {
    IssuedKey key = issuer.issued("read:users");
    issuer.rotated(key, "{}");

    IssuedKey third = issuer.rotated(key, "{\"closeOverlap\": true}");

    assertThat(third.answer().body().path("generation").asInt()).isEqualTo(3);
    assertThat(issuer.codeOf(key.secret())).isEqualTo("ROTATED_OUT");
    assertThat(issuer.codeOf(third.secret())).isEqualTo("VALID");
  }

  @Test
  void aRevocationIsNeverRefusedAndHappensOnce() {
    IssuedKey key = issuer.issued("read:users");

    JsonNode revoked =
        issuer.done(key, "revoke", "{\"revocationReason\": \"compromised\", \"reason\": \"seen\"}");
    JsonNode again = issuer.done(key, "revoke", "{\"revocationReason\": \"policy\"}");

    assertThat(revoked.path("status").asString()).isEqualTo("revoked");
    assertThat(revoked.path("revocationReason").asString()).isEqualTo("compromised");
    assertThat(again).isEqualTo(revoked);
    assertThat(types(issuer.history(key))).containsExactly("KeyIssued", "KeyRevoked");
  }

  @Test
  void theHistorySaysWhoDidWhatAndWhy() {
    IssuedKey key = issuer.issued("read:users");
    Answer renewal =
        new Issuer(issuer.client().header("User-Agent", "renewer/1"))
            .command(
                key, "renew", "{\"lifetime\": \"P200D\", \"reason\": \"the quarter's review\"}");

    JsonNode entry = issuer.history(key).path(1);

    assertThat(entry.path("type").asString()).isEqualTo("KeyRenewed");
    assertThat(entry.path("keyId").asString()).isEqualTo(key.id());
    assertThat(entry.path("actor").path("type").asString()).isEqualTo("root");
    assertThat(entry.path("reason").asString()).isEqualTo("the quarter's review");
    assertThat(entry.path("ip").asString()).isEqualTo("127.0.0.1");
    assertThat(entry.path("userAgent").asString()).isEqualTo("renewer/1");
    assertThat(entry.path("requestId").asString())
        .isEqualTo(renewal.header("Keyledger-Request-Id"));
    assertThat(entry.path("data").path("expiresAt").asString())
        .isEqualTo(renewal.body().path("expiresAt").asString());
    assertThat(entry.path("position").asLong())
        .isGreaterThan(issuer.history(key).path(0).path("position").asLong());
  }

  @Test
  void aMatchingIfMatchLetsACommandThrough(KeyledgerProcess keyledger) {
    IssuedKey key = issuer.issued("read:users");
    var careful = new Issuer(keyledger.root().header("If-Match", "\"7\", \"1\""));

    assertThat(careful.done(key, "suspend", "{}").path("version").asInt()).isEqualTo(2);
  }

  @Test
  void anEmptyBodyIsAnEmptyObject() {
    IssuedKey key = issuer.issued("read:users");

    assertThat(issuer.client().post(key.path() + "/suspend").status()).isEqualTo(200);
  }

  @Test
  void aReaderWhoPresentsAPositionSeesAtLeastThat(KeyledgerProcess keyledger) {
    IssuedKey key = issuer.issued("read:users");
    String position = issuer.command(key, "revoke", "{}").header("Keyledger-Position");
    var reader = new Issuer(keyledger.root().header("Keyledger-At-Least", position));

    assertThat(reader.read(key).path("status").asString()).isEqualTo("revoked");
    assertThat(reader.codeOf(key.secret())).isEqualTo("REVOKED");
  }

  /** Returns the types, without events that a timer records soon after the end of an overlap. */
  private static List<String> types(JsonNode history) {
    return history
        .valueStream()
        .map(entry -> entry.path("type").asString())
        .filter(type -> !type.equals("RotationCompleted"))
        .toList();
  }
}
