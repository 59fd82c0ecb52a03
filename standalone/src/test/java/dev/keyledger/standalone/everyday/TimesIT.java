package dev.keyledger.standalone.everyday;

import static dev.keyledger.standalone.everyday.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Times, durations and reminders in requests and responses. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class TimesIT {
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
  @CsvSource({
    "Z, 0",
    "z, 0",
    "+00:00, 0",
    "-00:00, 0",
    "+02:00, 120",
    "-23:59, -1439",
    "+23:59, 1439"
  })
  void everyOffsetIsAcceptedAndUtcIsAnswered(String offset, long minutes) {
    Instant day = Instant.now().plus(Duration.ofDays(3)).truncatedTo(ChronoUnit.DAYS);
    String text = day.toString().replace("Z", offset).replace('T', 't');

    JsonNode key = issued("\"expiresAt\": \"%s\"".formatted(text)).answer().body();

    assertThat(key.path("expiresAt").asString())
        .isEqualTo(day.minus(Duration.ofMinutes(minutes)).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/audit?limit=1&%s=", "/v1/audit/export?%s="})
  void queriesAcceptOffsetsWithAnEncodedPlusSignOrAPlainOne(String query) {
    for (String name : new String[] {"from", "to"}) {
      String path = query.formatted(name);
      assertThat(root.get(path + "2099-01-01T00:00:00%2B02:00").status()).isEqualTo(200);
      assertThat(root.get(path + "2099-01-01T00:00:00+02:00").status()).isEqualTo(200);
      assertThat(root.get(path + "2099-01-01t00:00:00z").status()).isEqualTo(200);
      assertProblem(root.get(path + "2099-01-01T24:00:00Z"), 400, "bad-request");
      assertProblem(root.get(path + "2098-12-31T23:59:60Z"), 400, "bad-request");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/audit", "/v1/audit/export"})
  void aPeriodThatEndsBeforeItBeginsIs400(String path) {
    String noon = "2026-01-01T12:00:00Z";
    Answer refused = root.get(path + "?from=2026-01-01T12:00:00.000001Z&to=" + noon);
    assertProblem(refused, 400, "bad-request");
    assertThat(refused.body().at("/errors/0/field").asString()).isEqualTo("from");
    assertThat(root.get(path + "?from=2026-01-01T13:00:00%2B02:00&to=" + noon).status())
        .isEqualTo(200);

    Answer empty = root.get(path + "?from=" + noon + "&to=" + noon);
    assertThat(empty.status()).isEqualTo(200);
    assertThat(empty.text())
        .satisfiesAnyOf(
            list -> assertThat(list).isEqualTo("{\"data\":[]}"),
            _ -> assertThat(Exported.of(empty)).isEmpty());
  }

  @Test
  void aZeroLifetimeAndAPastTimeAreCalledSo() {
    assertDetail("\"lifetime\": \"PT0S\"", "The lifetime is zero.");
    assertDetail("\"expiresAt\": \"2020-01-01T00:00:00Z\"", "expiresAt is in the past.");
  }

  private void assertDetail(String field, String detail) {
    IssuedKey key = issuer.issued("read:users");
    for (Answer answer :
        new Answer[] {
          root.post("/v1/keys", "{%s, %s}".formatted(Issuer.fields("read:users"), field)),
          issuer.command(key, "renew", "{%s}".formatted(field)),
          issuer.command(key, "rotate", "{%s}".formatted(field))
        }) {
      assertProblem(answer, 422, "lifetime-not-allowed");
      assertThat(answer.body().path("detail").asString()).startsWith(detail);
    }
  }

  @Test
  void fractionsOfSecondsAreAcceptedEverywhereAndOthersNowhere() {
    for (String text : new String[] {"PT1.5S", "P1W", "PT1.000000001S"}) {
      assertThat(durations(text, "PT9.5S")).containsOnly(200, 201);
    }
    for (String text : new String[] {"PT0.5H", "PT0.5M", "P0.5D", "P1M", "P1Y", "PT1,5S"}) {
      assertThat(durations(text, text)).containsOnly(400);
    }
  }

  /**
   * Sends a duration wherever one is accepted; returns the statuses.
   *
   * @param brief the value for fields in which only seconds make sense
   */
  private int[] durations(String text, String brief) {
    IssuedKey key = issuer.issued("read:users");
    String workspace = "/v1/workspaces/" + openedWorkspace();
    String check = "{\"key\": \"%s\", \"maxAge\": \"%s\"}";
    return new int[] {
      root.post(
              "/v1/keys", "{%s, \"lifetime\": \"%s\"}".formatted(Issuer.fields("read:users"), text))
          .status(),
      issuer.command(key, "rotate", "{\"overlap\": \"%s\"}".formatted(text)).status(),
      root.patch(workspace, "{\"policy\": {\"defaultLifetime\": \"%s\"}}".formatted(text)).status(),
      root.patch(workspace, "{\"policy\": {\"reminders\": [\"%s\"]}}".formatted(text)).status(),
      root.patch(workspace, "{\"policy\": {\"renewalWindow\": \"%s\"}}".formatted(text)).status(),
      root.patch(workspace, "{\"policy\": {\"defaultOverlap\": \"%s\"}}".formatted(text)).status(),
      root.get("/v1/keys/expiring?within=" + text).status(),
      root.header("Keyledger-At-Least", key.answer().header("Keyledger-Position"))
          .header("Keyledger-Wait", brief)
          .get(key.path())
          .status(),
      keyledger.issuer(Port.MAIN).verify(check.formatted(key.secret(), brief)).status(),
      keyledger.issuer(Port.FAST).verify(check.formatted(key.secret(), brief)).status()
    };
  }

  private String openedWorkspace() {
    String name = WorkspacesIT.name();
    WorkspacesIT.open(root, name, "");
    return name;
  }

  @Test
  void aKeyIsNotDueForRenewalFromItsBirth() {
    IssuedKey brief = issued("\"lifetime\": \"P6D\"");
    assertThat(issuer.verified(brief.secret()).path("renewalDue").asBoolean()).isFalse();
    Instant expiresAt = Instant.parse(brief.answer().body().path("expiresAt").asString());
    assertThat(nextReminder(brief)).isEqualTo(expiresAt.minus(Duration.ofDays(1)).toString());

    IssuedKey briefer = issued("\"lifetime\": \"P1D\"");
    assertThat(issuer.verified(briefer.secret()).path("renewalDue").asBoolean()).isFalse();
    assertThat(issuer.read(briefer).has("nextReminderAt")).isFalse();

    issuer.done(briefer, "renew", "{\"lifetime\": \"P31D\"}");
    Instant later = Instant.parse(issuer.read(briefer).path("expiresAt").asString());
    assertThat(nextReminder(briefer)).isEqualTo(later.minus(Duration.ofDays(30)).toString());
    issuer.done(briefer, "revoke", "{}");
    assertThat(issuer.read(briefer).has("nextReminderAt")).isFalse();
  }

  private String nextReminder(IssuedKey key) {
    return issuer.read(key).path("nextReminderAt").asString();
  }

  @Test
  void renewingToTheSameExpiryAddsNoEvent() {
    IssuedKey key = issuer.issued("read:users");
    String expiresAt = key.answer().body().path("expiresAt").asString();
    for (String same : new String[] {expiresAt, expiresAt.replace("Z", "+00:00")}) {
      JsonNode renewed = issuer.done(key, "renew", "{\"expiresAt\": \"%s\"}".formatted(same));
      assertThat(renewed.path("version").asInt()).isEqualTo(1);
    }
    assertThat(issuer.history(key)).hasSize(1);
    issuer.done(key, "renew", "{\"lifetime\": \"P91D\"}");
    assertThat(issuer.history(key)).hasSize(2);
  }

  @Test
  void theStateHasPrecedenceOverAFieldThatDoesNotFitIt() {
    IssuedKey key = issuer.issued("read:users");
    assertProblem(
        issuer.command(key, "renew", "{\"lifetime\": \"P1D\"}"), 422, "expiry-would-shorten");
    issuer.done(key, "revoke", "{}");
    assertProblem(issuer.command(key, "renew", "{\"lifetime\": \"P1D\"}"), 409, "key-revoked");
    IssuedKey later =
        issued("\"notBefore\": \"%s\"".formatted(Instant.now().plus(Duration.ofDays(9))));
    String shorter = "{\"lifetime\": \"P1D\", \"allowShorter\": true}";
    assertProblem(issuer.command(later, "renew", shorter), 422, "lifetime-not-allowed");
    issuer.done(later, "revoke", "{}");
    assertProblem(issuer.command(later, "renew", shorter), 409, "key-revoked");
  }

  private IssuedKey issued(String field) {
    return issuer.issuedWith(field, "read:users");
  }
}
