package dev.keyledger.log.receipts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.TestDatabases;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The nodes that a receipt waits for, the duration of the wait, and the proof. */
@Timeout(60)
class ReceiptsTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(50);

  private final DatabaseSettings settings = TestDatabases.empty();
  private final LedgerDatabase database = LedgerDatabase.open(settings);
  private final Receipts receipts = new Receipts(database);

  @BeforeEach
  void start() {
    TestDatabases.execute(settings, "UPDATE log.log_head SET position = 100");
    receipts.start();
  }

  @AfterEach
  void close() {
    receipts.close();
    database.close();
  }

  @Test
  void aPositionIsAppliedEverywhereWhenTheLastNodeHasReportedIt() {
    var one = new FollowedLog(5);
    var other = new FollowedLog(3);
    try (var _ = started("one", one, true);
        var _ = started("other", other, true)) {
      awaitNodes(2);
      Receipt missing = receipts.await(5, SHORT);
      assertThat(missing.appliedEverywhere()).isFalse();
      assertThat(missing.missing()).extracting(Receipt.Node::name).containsExactly("other");
      assertThat(missing.nodes()).hasSize(2);

      var waiting = CompletableFuture.supplyAsync(() -> receipts.await(5, LONG));
      other.position = 5;
      Receipt receipt = waiting.join();
      assertThat(receipt.appliedEverywhere()).isTrue();
      assertThat(receipt.proof()).isTrue();
      assertThat(receipt.nodes()).extracting(Receipt.Node::position).containsExactly(5L, 5L);
    }
    assertThat(receipts.await(5, Duration.ZERO).nodes()).as("after the release").isEmpty();
  }

  /** Checks that a node reports between its heartbeats only while a caller waits. */
  @Test
  void aNodeReportsWhileSomebodyWaits() {
    var log = new FollowedLog(1);
    try (var _ = started("node", log, false)) {
      awaitNodes(1);
      for (long position = 2; position <= 30; position++) {
        log.position = position;
        assertThat(receipts.await(position, LONG).appliedEverywhere()).isTrue();
      }
      // Thirty heartbeats would take a minute, longer than the timeout of this test.
    }
  }

  @Test
  void aLeaseCountsUntilTheMarginIsOverAndNoLonger() {
    hold("dead", true, 4, "1 hour");
    assertThat(receipts.await(5, SHORT).missing()).hasSize(1);
    hold("dead", true, 4, "-1 second");
    assertThat(receipts.await(5, SHORT).nodes()).isEmpty();
  }

  @Test
  void aWaitEndsWhenTheLeaseOfADeadNodeHasEnded() {
    hold("dead", true, 4, "500 milliseconds");
    hold("living", true, 5, "1 hour");
    Receipt receipt = receipts.await(5, LONG);
    assertThat(receipt.appliedEverywhere()).isTrue();
    assertThat(receipt.nodes()).extracting(Receipt.Node::name).containsExactly("living");
  }

  @Test
  void aReceiptIsAProofOnlyIfNoNodeMayAnswerWithoutALease() {
    assertThat(receipts.await(5, Duration.ZERO)).isEqualTo(new Receipt(5, List.of(), false));
    hold("strict", true, 5, "1 hour");
    assertThat(receipts.await(5, LONG).proof()).isTrue();
    hold("lax", false, 5, "1 hour");
    assertThat(receipts.await(5, LONG).proof()).isFalse();
    hold("lax", false, 5, "-1 hour");
    Receipt receipt = receipts.await(5, LONG);
    assertThat(receipt.nodes()).extracting(Receipt.Node::name).containsExactly("strict");
    assertThat(receipt.proof()).as("the node may still be answering").isFalse();
  }

  @Test
  void positionsOfAnotherIncarnationDoNotCount() {
    hold("old", true, 50, "1 hour");
    database.newIncarnation();
    assertThat(receipts.await(5, SHORT).missing()).hasSize(1);
  }

  @Test
  void theLagOfANodeIsWhatItHasNotReported() {
    TestDatabases.execute(
        settings,
        """
        INSERT INTO log.event (position, stream_kind, stream_id, sequence, workspace, type, version,
          time, actor_type, request_id, payload, context_hash)
        SELECT position, 'key', 'key_1', position, 'default', 'KeySuspended', 1,
          clock_timestamp() - make_interval(mins => 101 - position), 'root', 'req', '',
          sha256('')
        FROM generate_series(1, 100) AS position
        """);
    var log = new FollowedLog(1);
    hold("dead", true, 98, "-1 hour");
    try (var _ = started("node", log, false)) {
      awaitNodes(1);
      log.position = 100;
      NodeLags lags = receipts.lags(LONG);
      assertThat(lags.head()).isEqualTo(100);
      assertThat(lags.nodes())
          .extracting(
              lag -> lag.node().name(), NodeLags.NodeLag::events, lag -> lag.age().toMinutes())
          .containsExactly(tuple("dead", 2L, 2L), tuple("node", 0L, 0L));
    }
    database.newIncarnation();
    assertThat(receipts.lags(SHORT).nodes())
        .extracting(NodeLags.NodeLag::events)
        .containsExactly(100L);
  }

  @Test
  void withoutNodesOnlyTheHeadIsReported() {
    assertThat(receipts.lags(Duration.ZERO)).isEqualTo(new NodeLags(100, List.of()));
  }

  @Test
  void twoNodesOfOneNameAreDistinguished() {
    var ahead = new FollowedLog(5);
    var behind = new FollowedLog(4);
    try (var first = started("twin", ahead, false);
        var second = started("twin", behind, false)) {
      awaitNodes(2);
      assertThat(receipts.await(5, SHORT).missing())
          .extracting(Receipt.Node::instance)
          .containsExactly(second.instance())
          .doesNotContain(first.instance());
    }
  }

  @Test
  void aNodeTakesNoLeaseBeforeItHasCaughtUp() {
    var log = new FollowedLog(5);
    log.caughtUp = false;
    try (var lease = started("node", log, true)) {
      assertThat(receipts.await(5, SHORT).nodes()).isEmpty();
      log.caughtUp = true;
      awaitNodes(1);
      assertThat(lease.term()).isEqualTo(Lease.NONE); // the head is at 100
      log.position = 100;
      await().until(() -> lease.term() == 0);
    }
  }

  private NodeLease started(String name, FollowedLog log, boolean strict) {
    var lease = new NodeLease(database, log, new NodeName(name), strict);
    lease.start();
    return lease;
  }

  private void awaitNodes(int count) {
    await().atMost(LONG).until(() -> receipts.await(0, Duration.ZERO).nodes().size() == count);
  }

  /** Inserts the row of a lease. */
  private void hold(String name, boolean strict, long position, String ends) {
    TestDatabases.execute(
        settings,
        """
        DELETE FROM log.node_lease WHERE node = '%1$s';
        INSERT INTO log.node_lease VALUES (gen_random_uuid(), '%1$s', %2$s, 1, %3$d,
          clock_timestamp(), clock_timestamp(), clock_timestamp() + interval '%4$s')
        """
            .formatted(name, strict, position, ends));
  }
}
