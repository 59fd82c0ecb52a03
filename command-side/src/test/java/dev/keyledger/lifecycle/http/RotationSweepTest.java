package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.events.KeyId;
import dev.keyledger.events.SecretUse;
import dev.keyledger.lifecycle.due.DueSweep;
import dev.keyledger.log.LastUseTable;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The sweeps of two nodes after uses that query nodes have recorded. */
@Timeout(120)
class RotationSweepTest {
  private static final TestLedger ledger = new TestLedger();
  private static final CommandNode node = new CommandNode(ledger, CommandNode.PEPPER_1);
  private static final CommandNode twin = new CommandNode(ledger, CommandNode.PEPPER_1);

  private static final int KEYS = 40;
  private static final int SWEEPS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String EVENTS =
      "SELECT count(*) FROM log.event WHERE type IN ('OverlapStarted', 'RotationCompleted')";

  @AfterAll
  static void end() {
    twin.close();
    node.close();
  }

  @Test
  void eachStartAndEachCompletionIsRecordedOnceAlsoAfterACrash() throws Exception {
    var policy =
        node.send("PATCH", "/v1/workspaces/default", "{\"policy\":{\"rotationQuiet\":\"PT0S\"}}");
    assertThat(policy.status()).as(policy.text()).isEqualTo(200);
    String key = "{\"name\":\"n\",\"owner\":{\"type\":\"app\",\"id\":\"r\"},\"permissions\":[]}";
    List<KeyId> keys = node.importedAs(null, key, 1, KEYS + 1).stream().map(KeyId::new).toList();
    String waiting = "{\"overlap\":\"P1D\",\"overlapFrom\":\"first-use\"}";
    for (KeyId rotated : keys) {
      var answer = node.post("/v1/keys/" + rotated.value() + "/rotate", waiting);
      assertThat(answer.status()).as(answer.text()).isEqualTo(200);
    }
    List<KeyId> used = keys.subList(0, KEYS);
    Instant before = Instant.now().minus(Duration.ofMinutes(2));
    node.bean(LastUseTable.class)
        .write(used.stream().map(one -> new SecretUse(one, 2, before)).toList());

    int events = 2 * KEYS;
    assertThat(sweepAtOnce(events)).isBetween(0, events);
    assertThat(ledger.number(EVENTS)).isEqualTo(events);
    assertThat(
            ledger.number(
                "SELECT count(DISTINCT (stream_id, type)) FROM log.event WHERE sequence > 1"))
        .isEqualTo(events);
    String rest = "SELECT count(*) FROM schedule.key_rotation";
    await().atMost(PATIENCE).until(() -> ledger.number(rest) == 1);
    assertThat(ledger.text("SELECT key_id FROM schedule.key_rotation"))
        .as("the one that nobody has used")
        .isEqualTo(keys.getLast().value());
    assertThat(ledger.number("SELECT count(*) FROM log.key_last_use WHERE advanced")).isZero();

    // As if the node had died between its append and the next statement.
    ledger.execute("UPDATE log.key_last_use SET advanced = true");
    ledger.execute(
        "INSERT INTO schedule.key_rotation SELECT key_id, 'default', 0, 0 FROM log.key_last_use");
    node.bean(DueSweep.class).run(() -> true);
    assertThat(ledger.number(EVENTS)).isEqualTo(events);
    await().atMost(PATIENCE).until(() -> ledger.number(rest) == 1);
    assertThat(ledger.number("SELECT count(*) FROM log.key_last_use WHERE advanced")).isZero();
  }

  /**
   * Returns the number of events that these sweeps have recorded; the scheduler's record the
   * others.
   */
  private static int sweepAtOnce(int events) throws Exception {
    return ConcurrentSweeps.recordedUntil(
        () -> ledger.number(EVENTS) >= events,
        IntStream.range(0, SWEEPS)
            .mapToObj(i -> (i % 2 == 0 ? node : twin).bean(DueSweep.class))
            .toList());
  }
}
