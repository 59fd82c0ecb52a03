package dev.keyledger.standalone.lists;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Pages;
import dev.keyledger.standalone.process.SharedStandalone;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The summaries on the console's first page, each test in its own workspace. */
@Timeout(240)
@ExtendWith(SharedStandalone.class)
class SummariesIT {
  /**
   * The time until a rotation is complete: the minute of its first use is over and a sweep has seen
   * it.
   */
  private static final Duration COMPLETED_MAX = Duration.ofSeconds(150);

  private static final List<String> ATTENTION =
      List.of(
          "expiring-7d",
          "expiring-30d",
          "closable-overlap",
          "never-used",
          "idle-90d",
          "no-expiry",
          "leaked");

  private KeyledgerProcess keyledger;
  private Client root;
  private Issuer issuer;

  @BeforeEach
  void openWorkspace(KeyledgerProcess shared) {
    keyledger = shared;
    String workspace = "summaries-" + UUID.randomUUID();
    root = shared.root().header("Keyledger-Workspace", workspace);
    issuer = new Issuer(root);
    String body =
        """
        {"workspace": "%s", "policy": {"allowNoExpiry": true, "rotationQuiet": "PT0S"}}
        """
            .formatted(workspace);
    assertThat(shared.root().post("/v1/workspaces", body).status()).isEqualTo(201);
  }

  @Test
  void keysThatNeedAttentionAreListedAndCounted() {
    IssuedKey week = issued("P5D");
    IssuedKey month = issued("P20D");
    IssuedKey endless = issued("never");
    IssuedKey used = issued("P60D");
    assertThat(issuer.codeOf(used.secret())).isEqualTo("VALID");
    IssuedKey revoked = issued("P5D");
    issuer.done(revoked, "revoke", "{}");
    IssuedKey leaked = issued("P60D");
    String leak = "{\"secret\": \"%s\"}".formatted(leaked.secret());
    assertThat(keyledger.client().post("/v1/leaks", leak).status()).isEqualTo(202);
    IssuedKey rotated = issued("P60D");
    IssuedKey rotatedTo = issuer.rotated(rotated, "{\"overlap\": \"P1D\"}");
    assertThat(issuer.codeOf(rotatedTo.secret())).isEqualTo("VALID");

    await()
        .atMost(COMPLETED_MAX)
        .untilAsserted(() -> {
          assertThat(attention("closable-overlap")).containsExactly(rotated.id());
          assertThat(attention("never-used")).containsExactly(endless.id(), month.id(), week.id());
          assertThat(numbers(summary(), "attention")).containsExactly(1L, 2L, 1L, 3L, 0L, 1L, 1L);
        });
    assertThat(attention("expiring-7d")).containsExactly(week.id());
    assertThat(attention("expiring-30d")).containsExactly(month.id(), week.id());
    assertThat(attention("idle-90d")).isEmpty();
    assertThat(attention("no-expiry")).containsExactly(endless.id());
    assertThat(attention("leaked")).containsExactly(leaked.id());
    assertThat(attention("leaked&status=active")).isEmpty();
    assertThat(attention("expiring-30d&q=" + month.id())).containsExactly(month.id());

    JsonNode summary = summary();
    assertThat(summary.path("total").asLong()).isEqualTo(7);
    assertThat(summary.path("byStatus").toString())
        .isEqualTo(
            "{\"revoked\":2,\"suspended\":0,\"not-yet-active\":0,\"expired\":0,\"active\":5}");
    assertThat(summary.path("attention").propertyNames()).containsExactlyElementsOf(ATTENTION);
    assertThat(summary.path("expiriesByWeek")).hasSize(53);
    assertThat(
            summary
                .path("expiriesByWeek")
                .valueStream()
                .mapToLong(expiring -> expiring.path("keys").asLong())
                .sum())
        .as("not those of revoked keys, nor of one without")
        .isEqualTo(4);
    Instant asOf = Instant.parse(summary.path("asOf").asString());
    assertThat(asOf).isEqualTo(asOf.truncatedTo(ChronoUnit.MINUTES));
    Instant first = Instant.parse(summary.at("/expiriesByWeek/0/from").asString());
    assertThat(first.atZone(ZoneOffset.UTC).getDayOfWeek()).isEqualTo(DayOfWeek.MONDAY);
    assertThat(Duration.between(first, asOf)).isBetween(Duration.ZERO, Duration.ofDays(7));
    assertThat(Instant.parse(summary.at("/expiriesByWeek/52/from").asString()))
        .isEqualTo(first.plus(364, ChronoUnit.DAYS));
  }

  @Test
  void aSummaryIsAsFreshAsThePositionThatIsAskedFor() {
    for (int i = 1; i <= 10; i++) {
      IssuedKey key = issued("P60D");
      JsonNode summary = ok(since(key.answer()).get("/v1/keys/summary"));
      assertThat(summary.path("total").asInt()).isEqualTo(i);
      assertThat(summary.at("/byStatus/active").asInt()).isEqualTo(i);
      JsonNode commands = ok(since(key.answer()).get("/v1/audit/summary")).path("commandsByDay");
      assertThat(commands.valueStream().mapToInt(day -> day.path("commands").asInt()).sum())
          .as("with that which opened the workspace")
          .isEqualTo(i + 1);
    }
  }

  @Test
  void aCursorContinuesOnlyWithItsAttention() {
    for (int i = 0; i < 3; i++) {
      issued("P5D");
    }
    Client current = since(issued("P5D").answer());
    JsonNode page = ok(current.get("/v1/keys?attention=expiring-7d&limit=2"));
    assertThat(page.path("data")).hasSize(2);
    String cursor = "&limit=2&cursor=" + page.path("nextCursor").asString();
    assertThat(ok(current.get("/v1/keys?attention=expiring-7d" + cursor)).path("data")).hasSize(2);
    assertThat(current.get("/v1/keys?attention=expiring-30d" + cursor).status()).isEqualTo(400);
    assertThat(current.get("/v1/keys?" + cursor.substring(1)).status()).isEqualTo(400);
    assertThat(current.get("/v1/keys?attention=" + cursor).status()).isEqualTo(400);
    assertThat(current.get("/v1/keys?attention=unloved").status()).isEqualTo(400);
  }

  @Test
  void commandsAreCountedByDay() {
    LocalDate today = LocalDate.now(ZoneOffset.UTC);
    IssuedKey key = issued("P60D");
    issuer.done(key, "revoke", "{\"reason\": \"ended\"}");
    IssuedKey last = issued("P60D");
    String keys =
        "{\"keys\": [%s, %s]}".formatted(imported(UUID.randomUUID()), imported(UUID.randomUUID()));
    Answer imported = root.post("/v1/keys/import", keys);
    assertThat(imported.status()).as(imported.text()).isEqualTo(200);
    Client current = since(imported);

    JsonNode days = ok(current.get("/v1/audit/summary")).path("commandsByDay");
    assertThat(days).hasSize(30);
    assertThat(LocalDate.parse(days.path(29).path("date").asString()))
        .isBetween(today, today.plusDays(1));
    assertThat(days.valueStream().mapToInt(day -> day.path("commands").asInt()).sum())
        .as("the workspace, %s, its revocation, %s, and one import of two keys", key, last)
        .isEqualTo(5);
    days =
        ok(current.get("/v1/audit/summary?from=2020-02-28T23:59:59Z&to=2020-03-01T00:00:00Z"))
            .path("commandsByDay");
    assertThat(days.toString())
        .isEqualTo(
            "[{\"date\":\"2020-02-28\",\"commands\":0},{\"date\":\"2020-02-29\",\"commands\":0}]");
    assertThat(
            ok(current.get("/v1/audit/summary?from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z"))
                .path("commandsByDay"))
        .hasSize(366);
  }

  private static String imported(UUID secret) {
    return """
    {"name": "Old", "owner": {"type": "user", "id": "7"}, "permissions": [],
     "secretSha256": "%1$s%1$s"}\
    """
        .formatted(secret.toString().replace("-", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00.001Z",
        "from=2020-01-02T00:00:00Z&to=2020-01-01T00:00:00Z",
        "from=9999-01-01T00:00:00Z",
        "from=2020-01-01",
        "to=",
        "limit=1"
      })
  void anInvalidPeriodIsRefused(String query) {
    Answer answer = root.get("/v1/audit/summary?" + query);
    assertThat(answer.status()).as(answer.text()).isEqualTo(400);
  }

  /** Checks a standalone node, which is the only one and reports for the whole service. */
  @Test
  void nodesReportTheirProgress() {
    IssuedKey operator = issuer.issued("keyledger:audit:read");
    for (Client caller : List.of(keyledger.root(), keyledger.client().bearer(operator.secret()))) {
      JsonNode nodes =
          ok(
              caller
                  .header("Keyledger-At-Least", operator.answer().header("Keyledger-Position"))
                  .get("/v1/nodes"));
      assertThat(nodes.path("nodes")).hasSize(1);
      JsonNode node = nodes.path("nodes").path(0);
      assertThat(node.path("position").asLong() + node.path("lagEvents").asLong())
          .isEqualTo(nodes.path("position").asLong())
          .isPositive();
      assertThat(node.path("lagSeconds").asLong()).isBetween(0L, 60L);
      assertThat(node.path("strict").asBoolean(true)).isFalse();
      assertThat(Instant.parse(node.path("leaseUntil").asString())).isAfter(Instant.now());
    }
    assertThat(
            keyledger
                .client()
                .bearer(issuer.issued("keyledger:keys:read").secret())
                .get("/v1/nodes")
                .status())
        .isEqualTo(403);
  }

  private IssuedKey issued(String lifetime) {
    return issuer.issuedWith("\"lifetime\": \"%s\"".formatted(lifetime), "read:users");
  }

  private JsonNode summary() {
    return ok(root.get("/v1/keys/summary"));
  }

  private static List<Long> numbers(JsonNode summary, String field) {
    return summary.path(field).valueStream().map(JsonNode::asLong).toList();
  }

  private List<String> attention(String query) {
    return Pages.ids(root, "/v1/keys?limit=1&attention=" + query, "keyId");
  }

  private Client since(Answer earlier) {
    return root.header("Keyledger-At-Least", earlier.header("Keyledger-Position"));
  }

  private static JsonNode ok(Answer answer) {
    assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    return answer.body();
  }
}
