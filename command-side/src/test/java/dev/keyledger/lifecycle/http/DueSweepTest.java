package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.lifecycle.due.DueSweep;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Concurrent sweeps of two nodes, several on each, besides those of the scheduler. */
@Timeout(120)
class DueSweepTest {
  private static final TestLedger ledger = new TestLedger();
  private static final CommandNode node = new CommandNode(ledger, CommandNode.PEPPER_1);
  private static final CommandNode twin = new CommandNode(ledger, CommandNode.PEPPER_1);

  private static final int KEYS = 300;
  private static final int PLANS = 40;
  private static final int SWEEPS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Ten reminders within a second: for all keys more than a unit of the log can have. */
  private static final String REMINDERS =
      "[\"PT3S\",\"PT2.9S\",\"PT2.8S\",\"PT2.7S\",\"PT2.6S\",\"PT2.5S\",\"PT2.4S\",\"PT2.3S\","
          + "\"PT2.2S\",\"PT2.1S\"]";

  private static final String EVENTS =
      "SELECT count(*) FROM log.event WHERE type IN ('ExpiryApproaching', 'KeyExpired')";

  private static final String DUE_SOON =
      "SELECT count(*) FROM schedule.key_due"
          + " WHERE due_micros < extract(epoch FROM now() + interval '1 day') * 1000000";

  private static final String EFFECTS =
      "SELECT count(*) FROM log.event"
          + " WHERE type IN ('KeyRevoked', 'KeySuspended') AND actor_type = 'system'";

  @AfterAll
  static void end() {
    twin.close();
    node.close();
  }

  @Test
  void sweepsAtOnceRecordEachReminderOnce() throws Exception {
    var policy =
        node.send(
            "PATCH", "/v1/workspaces/default", "{\"policy\":{\"reminders\":" + REMINDERS + "}}");
    assertThat(policy.status()).as(policy.text()).isEqualTo(200);
    String brief =
        """
        {"name":"n","owner":{"type":"app","id":"brief"},"permissions":[],"lifetime":"PT6S"}
        """;
    assertThat(node.importedAs(null, brief, 1, KEYS)).hasSize(KEYS);
    int events = KEYS * 11;

    assertThat(recordedUntil(EVENTS, events))
        .as("recorded here, and not by the scheduler")
        .isBetween(1, events);

    assertThat(ledger.number(EVENTS)).isEqualTo(events);
    assertThat(ledger.number("SELECT count(*) FROM log.key_reminder")).isEqualTo(events);
    assertThat(
            ledger.number(
                "SELECT count(DISTINCT (stream_id, type, payload)) FROM log.event"
                    + " WHERE type IN ('ExpiryApproaching', 'KeyExpired')"))
        .isEqualTo(events);
    await().atMost(PATIENCE).until(() -> ledger.number(DUE_SOON) == 0);
    assertThat(
            ledger.number(
                "SELECT count(*) FROM log.event e JOIN log.event issued USING (stream_id)"
                    + " WHERE issued.sequence = 0 AND e.type = 'KeyExpired'"
                    + " AND e.time > issued.time + interval '30 seconds'"))
        .as("late")
        .isZero();
  }

  /** Checks that a plan survives a renewal, after which the next reminder is due first. */
  @Test
  void sweepsAtOnceRecordTheEffectOfEachPlanOnce() throws Exception {
    String brief =
        """
        {"name":"n","owner":{"type":"app","id":"planned"},"permissions":[]}
        """;
    List<String> keys = node.importedAs(null, brief, 10_000, PLANS);
    String plan = "{\"effectiveAt\":\"%s\"}".formatted(Instant.now().plusSeconds(8));
    for (int i = 0; i < PLANS; i++) {
      String path = "/v1/keys/" + keys.get(i);
      var planned = node.post(path + (i % 2 == 0 ? "/revoke" : "/suspend"), plan);
      assertThat(planned.status()).as(planned.text()).isEqualTo(200);
      if (i % 4 < 2) {
        assertThat(node.post(path + "/renew", "{\"lifetime\":\"P91D\"}").status()).isEqualTo(200);
      } else if (i % 4 == 3) {
        assertThat(node.post(path + "/cancel-plan", "{}").status()).isEqualTo(200);
      }
    }
    int effects = PLANS * 3 / 4;
    var _ = recordedUntil(EFFECTS, effects);
    assertThat(ledger.number(EFFECTS)).isEqualTo(effects);
    assertThat(
            ledger.number(
                "SELECT count(DISTINCT stream_id) FROM log.event"
                    + " WHERE type IN ('KeyRevoked', 'KeySuspended') AND actor_type = 'system'"))
        .isEqualTo(effects);
    assertThat(
            ledger.number(
                "SELECT count(*) FROM log.event e JOIN log.event p USING (stream_id)"
                    + " WHERE p.type IN ('RevocationPlanned', 'SuspensionPlanned')"
                    + " AND e.type IN ('KeyRevoked', 'KeySuspended') AND e.time <"
                    + " (convert_from(p.payload, 'UTF8')::json ->> 'effectiveAt')::timestamptz"))
        .as("before its time")
        .isZero();
    await().atMost(PATIENCE).until(() -> ledger.number(DUE_SOON) == 0);
  }

  /** Runs concurrent sweeps until so many events are recorded; returns the number. */
  private static int recordedUntil(String count, int events) throws Exception {
    return ConcurrentSweeps.recordedUntil(
        () -> ledger.number(count) >= events,
        IntStream.range(0, SWEEPS)
            .mapToObj(i -> (i % 2 == 0 ? node : twin).bean(DueSweep.class))
            .toList());
  }
}
