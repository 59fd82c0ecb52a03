package dev.keyledger.standalone.everyday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.Exported;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** The events that are recorded of a key as time passes. */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class RemindersIT {
  private static final Duration LATE_MAX = Duration.ofMinutes(1);

  @Test
  void eachReminderAndTheExpiryAreEventsOfTheKey(KeyledgerProcess keyledger) {
    String workspace = open(keyledger, "PT6S", "PT3S");
    Issuer issuer = issuerIn(keyledger, workspace);
    IssuedKey key = brief(issuer, "PT9S");
    IssuedKey suspended = brief(issuer, "PT9S");
    issuer.done(suspended, "suspend", "{}");
    IssuedKey briefer = brief(issuer, "PT6S");
    IssuedKey renewed = brief(issuer, "PT9S");
    issuer.done(renewed, "renew", "{\"lifetime\": \"P1D\"}");
    IssuedKey revoked = brief(issuer, "PT9S");
    issuer.done(revoked, "revoke", "{}");
    String closed = open(keyledger, "PT3S");
    IssuedKey ofTheClosed = brief(issuerIn(keyledger, closed), "PT5S");
    assertThat(keyledger.root().post("/v1/workspaces/" + closed + "/close", "{}").status())
        .isEqualTo(200);

    await()
        .atMost(LATE_MAX)
        .untilAsserted(() -> {
          assertThat(types(issuer, key))
              .containsExactly("KeyIssued", "ExpiryApproaching", "ExpiryApproaching", "KeyExpired");
          assertThat(types(issuer, suspended))
              .containsExactly(
                  "KeyIssued",
                  "KeySuspended",
                  "ExpiryApproaching",
                  "ExpiryApproaching",
                  "KeyExpired");
          assertThat(types(issuer, briefer))
              .as("a reminder as long as the lifetime does not count")
              .containsExactly("KeyIssued", "ExpiryApproaching", "KeyExpired");
        });
    assertThat(types(issuer, renewed)).containsExactly("KeyIssued", "KeyRenewed");
    assertThat(types(issuer, revoked)).containsExactly("KeyIssued", "KeyRevoked");
    assertThat(types(issuerIn(keyledger, closed), ofTheClosed)).containsExactly("KeyIssued");

    JsonNode history = issuer.history(key);
    Instant expiresAt = Instant.parse(issuer.read(key).path("expiresAt").asString());
    assertReminder(history.path(1), "PT6S", expiresAt);
    assertReminder(history.path(2), "PT3S", expiresAt);
    assertReminder(history.path(3), null, expiresAt);
    assertThat(issuer.read(key).path("version").asInt()).isEqualTo(1);
    assertThat(issuer.client().get(key.path()).header("ETag")).isEqualTo("\"1\"");
    assertThat(issuer.codeOf(key.secret())).isEqualTo("EXPIRED");
    assertInTheListsOfEvents(issuer.client(), key, history);
  }

  /**
   * @param offset null: the notice that the key has expired
   */
  private static void assertReminder(JsonNode entry, @Nullable String offset, Instant expiresAt) {
    assertThat(entry.at("/actor/type").asString()).isEqualTo("system");
    assertThat(entry.at("/actor").has("id")).isFalse();
    assertThat(entry.at("/data/expiresAt").asString()).isEqualTo(expiresAt.toString());
    assertThat(entry.path("data").size()).isEqualTo(offset == null ? 1 : 2);
    assertThat(entry.at("/data/offset").asString("")).isEqualTo(offset == null ? "" : offset);
    Instant due = offset == null ? expiresAt : expiresAt.minus(Duration.parse(offset));
    assertThat(Instant.parse(entry.path("time").asString())).isBetween(due, due.plus(LATE_MAX));
  }

  private static void assertInTheListsOfEvents(Client client, IssuedKey key, JsonNode history) {
    String path = "/v1/audit?order=asc&keyId=" + key.id();
    await()
        .atMost(LATE_MAX)
        .untilAsserted(() -> assertThat(ok(client.get(path)).path("data")).isEqualTo(history));
    assertThat(ok(client.get(path + "&type=ExpiryApproaching")).path("data"))
        .containsExactly(history.path(1), history.path(2));
    assertThat(ok(client.get(path + "&type=KeyExpired&actor=system")).path("data"))
        .containsExactly(history.path(3));
    assertThat(ok(client.get(path + "&type=KeyExpired&actor=root")).path("data")).isEmpty();
    assertThat(
            Exported.by(client).stream()
                .map(JsonNode::toString)
                .filter(event -> event.contains(key.id())))
        .hasSize(history.size())
        .anyMatch(event -> event.contains("ExpiryApproaching"))
        .anyMatch(event -> event.contains("KeyExpired"));
  }

  @Test
  void theDueListShowsWhichRemindersWereSent(KeyledgerProcess keyledger) {
    Issuer issuer = issuerIn(keyledger, open(keyledger, "PT29M58S", "PT29M56S", "PT1M"));
    IssuedKey key = brief(issuer, "PT30M");
    JsonNode before = expiring(issuer, key);
    assertThat(before.path("remindersSent").isArray()).as(before.toString()).isTrue();

    JsonNode sent =
        await()
            .atMost(LATE_MAX)
            .until(
                () -> expiring(issuer, key).path("remindersSent"),
                reminders -> reminders.size() == 2);
    JsonNode history = issuer.history(key);
    for (int i = 0; i < 2; i++) {
      assertThat(sent.path(i).path("offset")).isEqualTo(history.path(i + 1).at("/data/offset"));
      assertThat(sent.path(i).path("time")).isEqualTo(history.path(i + 1).path("time"));
      assertThat(sent.path(i).size()).isEqualTo(2);
    }
    assertThat(sent.path(0).path("offset").asString()).isEqualTo("PT29M58S");
    assertThat(issuer.client().get("/v1/keys/expiring.csv").text())
        .contains(",PT29M58S PT29M56S\n");

    JsonNode renewed = issuer.done(key, "renew", "{\"lifetime\": \"PT1H\"}");
    assertThat(renewed.has("nextReminderAt")).isTrue();
    await()
        .atMost(LATE_MAX)
        .untilAsserted(() ->
            assertThat(expiring(issuer, key).path("expiresIn").asString()).startsWith("PT59M"));
    assertThat(expiring(issuer, key).path("remindersSent")).as("of the new expiry").isEmpty();
  }

  @Test
  void keysInUseComeFirstInTheDueList(KeyledgerProcess keyledger) {
    Issuer issuer = issuerIn(keyledger, open(keyledger));
    IssuedKey unused = brief(issuer, "PT10M");
    IssuedKey used = brief(issuer, "PT20M");
    IssuedKey usedLater = brief(issuer, "PT30M");
    for (IssuedKey key : List.of(used, usedLater)) {
      assertThat(issuer.codeOf(key.secret())).isEqualTo("VALID");
    }
    Client client = issuer.client();
    await()
        .atMost(LATE_MAX)
        .untilAsserted(() ->
            assertThat(ids(ok(client.get("/v1/keys/expiring?inUseFirst=true"))))
                .containsExactly(used.id(), usedLater.id(), unused.id()));
    for (String soonestFirst : List.of("", "?inUseFirst=false")) {
      assertThat(ids(ok(client.get("/v1/keys/expiring" + soonestFirst))))
          .containsExactly(unused.id(), used.id(), usedLater.id());
    }
    assertThat(ok(client.get("/v1/keys/expiring")).path("data").path(1).has("lastUsedAt")).isTrue();

    String path = "/v1/keys/expiring?inUseFirst=true&limit=1";
    JsonNode first = ok(client.get(path));
    assertThat(issuer.codeOf(unused.secret())).isEqualTo("VALID");
    JsonNode second = next(client, path, first);
    JsonNode third = next(client, path, second);
    assertThat(ids(first)).containsExactly(used.id());
    assertThat(ids(second)).containsExactly(usedLater.id());
    assertThat(ids(third)).containsExactly(unused.id());
    assertThat(third.has("nextCursor")).isFalse();
    String cursor = first.path("nextCursor").asString();
    Problems.assertProblem(
        client.get("/v1/keys/expiring?limit=1&cursor=" + cursor), 400, "bad-request");
    for (String wrong : List.of("1", "yes", "TRUE", "")) {
      Problems.assertProblem(
          client.get("/v1/keys/expiring?inUseFirst=" + wrong), 400, "bad-request");
    }
    Problems.assertProblem(
        client.get("/v1/keys/expiring?inUseFirst=true&inUseFirst=true"), 400, "bad-request");
    Problems.assertProblem(client.get("/v1/keys/expiring.csv?inUseFirst=true"), 400, "bad-request");
  }

  private static JsonNode next(Client client, String path, JsonNode page) {
    return ok(client.get(path + "&cursor=" + page.path("nextCursor").asString()));
  }

  /** Opens a workspace whose keys have these reminders, and returns its name. */
  private static String open(KeyledgerProcess keyledger, String... reminders) {
    String name = "reminders-" + UUID.randomUUID();
    Answer opened =
        keyledger
            .root()
            .post(
                "/v1/workspaces",
                "{\"workspace\": \"%s\", \"policy\": {\"reminders\": %s}}"
                    .formatted(name, Issuer.strings(reminders)));
    assertThat(opened.status()).as(opened.text()).isEqualTo(201);
    return name;
  }

  private static Issuer issuerIn(KeyledgerProcess keyledger, String workspace) {
    return new Issuer(keyledger.root().header("Keyledger-Workspace", workspace));
  }

  private static IssuedKey brief(Issuer issuer, String lifetime) {
    return issuer.issuedWith("\"lifetime\": \"%s\"".formatted(lifetime), "read:users");
  }

  private static List<String> types(Issuer issuer, IssuedKey key) {
    return issuer.history(key).valueStream().map(entry -> entry.path("type").asString()).toList();
  }

  private static JsonNode expiring(Issuer issuer, IssuedKey key) {
    Client reader =
        issuer.client().header("Keyledger-At-Least", key.answer().header("Keyledger-Position"));
    JsonNode page = ok(reader.get("/v1/keys/expiring?within=P1D"));
    assertThat(ids(page)).containsExactly(key.id());
    return page.path("data").path(0);
  }

  private static List<String> ids(JsonNode page) {
    return page.path("data").valueStream().map(key -> key.path("keyId").asString()).toList();
  }

  private static JsonNode ok(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body();
  }
}
