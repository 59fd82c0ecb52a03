package dev.keyledger.log;

import static dev.keyledger.log.TestEvents.change;
import static dev.keyledger.log.TestEvents.issue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keyledger.events.LoggedEvent;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class LogTailTest {
  private static final Duration LONG = Duration.ofSeconds(5);

  private final DatabaseSettings settings = TestDatabases.empty();
  private final LedgerDatabase database = LedgerDatabase.open(settings);
  private final EventCodec codec = new EventCodec();
  private final LogAppender appender = new LogAppender(database, codec, InstantSource.system());
  private final List<LoggedEvent> applied = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    appender.close();
    database.close();
  }

  @Test
  void theTailAppliesAllThatOthersAppendInOrder() throws Exception {
    appender.append(List.of(issue(9000)));
    try (var tail = startTail(0, applied::add);
        var otherNode = LedgerDatabase.open(settings);
        var other = new LogAppender(otherNode, codec, InstantSource.system());
        var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 500; i++) {
        int key = i;
        LogAppender through = i % 2 == 0 ? appender : other;
        var _ = callers.submit(() -> through.append(List.of(issue(key), change(key, 1))));
      }
      assertThat(tail.await(1001, LONG)).isTrue();

      assertThat(applied)
          .extracting(LoggedEvent::position)
          .containsExactlyElementsOf(LongStream.rangeClosed(1, 1001).boxed().toList());
      assertThat(tail.position()).isEqualTo(1001);
      assertThat(tail.caughtUpOnce()).isTrue();
      assertThat(tail.failure()).isEmpty();
      Instant lastTime = applied.getLast().time();
      await().until(() -> tail.asOf().isAfter(lastTime));
      assertThat(tail.sinceContact()).isLessThan(Duration.ofSeconds(2));
    }
    assertThat(new LogReader(database, codec).readAfter(0, 2000)).isEqualTo(applied);
  }

  @Test
  void aWaitForATimeEndsWhenItIsApplied() {
    try (var tail = startTail(0, applied::add)) {
      await().until(tail::caughtUpOnce);
      Instant soon = tail.asOf().plusMillis(200);
      assertThat(tail.awaitTime(soon, Duration.ZERO)).isFalse();
      assertThat(tail.awaitTime(soon, LONG)).isTrue();
      assertThat(tail.asOf()).isAfterOrEqualTo(soon);
      assertThat(tail.awaitTime(soon.plus(LONG), Duration.ofMillis(50))).isFalse();
    }
  }

  @Test
  void theTailStartsAfterTheGivenPosition() {
    appender.append(List.of(issue(1), issue(2), issue(3)));
    try (var tail = startTail(2, applied::add)) {
      assertThat(tail.await(3, LONG)).isTrue();
      assertThat(applied).extracting(LoggedEvent::position).containsExactly(3L);
    }
  }

  @Test
  void theLastEventsAreReadFromMemoryAndAllOthersFromTheLog() throws SQLException {
    int before = 10;
    int all = LogTail.RECENT_EVENTS + before;
    for (int from = 0; from < all; from += 1000) {
      appender.append(
          LongStream.range(from, Math.min(from + 1000, all)).mapToObj(TestEvents::issue).toList());
    }
    Connection closed = database.openDedicated();
    closed.close();
    try (var tail = startTail(0, applied::add);
        Connection open = database.openDedicated()) {
      assertThat(tail.await(all, LONG)).isTrue();

      assertThat(tail.readAfter(closed, before, all)).isEqualTo(applied.subList(before, all));
      assertThat(tail.readAfter(closed, before, 3)).isEqualTo(applied.subList(before, before + 3));
      assertThatThrownBy(() -> tail.readAfter(closed, before - 1, all))
          .isInstanceOf(SQLException.class);
      assertThat(tail.readAfter(open, before - 1, all)).isEqualTo(applied.subList(before - 1, all));
      assertThat(tail.readAfter(open, all, 1)).isEmpty();
    }
  }

  @Test
  void eventsNotYetAppliedAreReadFromTheLogUpToAnUnreadableOne() throws SQLException {
    appender.append(List.of(issue(1), issue(2)));
    appendByHand("KeyRenamed", 1, "{}");
    try (var stopped = new LogTail(database, codec, 0, _ -> {});
        Connection connection = database.openDedicated()) {
      assertThat(stopped.readAfter(connection, 0, 10))
          .extracting(LoggedEvent::position)
          .containsExactly(1L, 2L);
      assertThatThrownBy(() -> stopped.readAfter(connection, 2, 10))
          .isInstanceOf(UnreadableEventException.class);
    }
  }

  @Test
  void anEmptyLogIsCaughtUp() {
    try (var tail = startTail(0, applied::add)) {
      await().until(tail::caughtUpOnce);
      assertThat(tail.position()).isZero();
    }
  }

  @Test
  void anAppendWakesTheTailBeforeItsNextPoll() {
    try (var tail = startTail(0, applied::add)) {
      await().until(tail::caughtUpOnce);
      long start = System.nanoTime();
      for (int i = 1; i <= 20; i++) {
        appender.append(List.of(issue(i)));
        assertThat(tail.await(i, LONG)).isTrue();
      }
      // A tail that only polls would take half a second for each event, ten in total.
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(6));
    }
  }

  @Test
  void awaitingGivesUpInTime() {
    try (var tail = startTail(0, applied::add)) {
      assertThat(tail.await(1, Duration.ofMillis(50))).isFalse();
      assertThat(tail.await(1, Duration.ZERO)).isFalse();
      assertThat(tail.await(0, Duration.ZERO)).isTrue();
    }
  }

  @Test
  void anEventThatCannotBeReadStopsTheTailAfterTheOnesBeforeIt() {
    appender.append(List.of(issue(1), issue(2)));
    appendByHand("KeyRenamed", 1, "{}");
    try (var tail = startTail(0, applied::add)) {
      await().until(() -> tail.failure().isPresent());
      assertThat(tail.failure()).get().asString().contains("KeyRenamed version 1");

      appender.append(List.of(issue(3)));
      assertThat(tail.await(4, Duration.ofMillis(700))).isFalse();
      assertThat(applied).extracting(LoggedEvent::position).containsExactly(1L, 2L);
      assertThat(tail.caughtUpOnce()).isFalse();
    }
  }

  @Test
  void aGapStopsTheTail() {
    appender.append(List.of(issue(1)));
    TestDatabases.execute(settings, "UPDATE log.log_head SET position = position + 1");
    try (var tail = startTail(0, applied::add)) {
      await().until(() -> tail.failure().isPresent());
      assertThat(applied).hasSize(1);
      assertThat(tail.position()).isEqualTo(1);
    }
  }

  @Test
  void aConsumerThatFailsStopsTheTailBeforeItsEvent() {
    appender.append(List.of(issue(1), issue(2), issue(3)));
    try (var tail =
        startTail(
            0,
            event -> {
              if (event.position() == 2) {
                throw new IllegalStateException("rejected by the consumer");
              }
              applied.add(event);
            })) {
      assertThat(tail.await(3, LONG)).isFalse();
      assertThat(tail.failure()).contains("after position 1: rejected by the consumer");
      assertThat(tail.position()).isEqualTo(1);
    }
  }

  @Test
  void aNewIncarnationStopsTheTail() {
    try (var tail = startTail(0, applied::add)) {
      await().until(tail::caughtUpOnce);
      database.newIncarnation();
      await().until(() -> tail.failure().isPresent());
      assertThat(tail.failure()).get().asString().contains("incarnation");
    }
  }

  @Test
  void aLostConnectionIsReestablished() {
    try (var tail = startTail(0, applied::add)) {
      appender.append(List.of(issue(1)));
      assertThat(tail.await(1, LONG)).isTrue();
      TestDatabases.execute(
          settings,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
              + " WHERE datname = current_database() AND application_name = 'keyledger tail'");
      appender.append(List.of(issue(2)));

      assertThat(tail.await(2, LONG)).isTrue();
      assertThat(tail.failure()).isEmpty();
    }
  }

  @Test
  void aNodeThatWasCutOffIsFreshOnlyOnceItHasAppliedItsBacklog() throws Exception {
    var outage = Duration.ofSeconds(1);
    int backlog = 2500;
    var atLastEvent = new CountDownLatch(1);
    var gate = new CountDownLatch(1);
    try (var proxy = new CuttingProxy(TestDatabases.portOf(settings));
        var throughProxy = LedgerDatabase.open(TestDatabases.through(proxy, settings));
        var tail =
            new LogTail(
                throughProxy,
                codec,
                0,
                event -> {
                  if (event.position() == backlog) {
                    atLastEvent.countDown();
                    awaitOpen(gate);
                  }
                })) {
      tail.start();
      await().until(tail::caughtUpOnce);
      proxy.cut();
      for (int from = 0; from < backlog; from += 500) {
        appender.append(LongStream.range(from, from + 500).mapToObj(TestEvents::issue).toList());
      }
      await().until(() -> tail.sinceContact().compareTo(outage) > 0);
      proxy.acceptAgain();

      assertThat(atLastEvent.await(LONG.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
      assertThat(tail.sinceContact()).isGreaterThan(outage);
      gate.countDown();
      await().until(() -> tail.sinceContact().compareTo(outage) < 0);
      assertThat(tail.position()).isEqualTo(backlog);
    }
  }

  @Test
  void eventsOfThisProcessAreAppliedBeforeTheCallerIsAnswered() {
    try (var tail = startTail(0, applied::add);
        var own = new LogAppender(database, codec, InstantSource.system(), tail::take)) {
      await().until(tail::caughtUpOnce);
      for (int key = 0; key < 200; key++) {
        long position = own.append(List.of(issue(key))).getLast().position();

        assertThat(tail.position()).isEqualTo(position);
      }
      assertThat(tail.failure()).isEmpty();
    }
  }

  @Test
  void handedOverAndReadEventsFormOneOrder() throws Exception {
    int keys = 2000;
    try (var tail = startTail(0, applied::add);
        var own = new LogAppender(database, codec, InstantSource.system(), tail::take);
        var callers = Executors.newFixedThreadPool(16)) {
      await().until(tail::caughtUpOnce);
      for (int i = 0; i < keys; i++) {
        int key = i;
        LogAppender through = i % 3 == 0 ? appender : own;
        var _ = callers.submit(() -> through.append(List.of(issue(key), change(key, 1))));
      }
      assertThat(tail.await(2L * keys, LONG)).isTrue();

      assertThat(tail.failure()).isEmpty();
      assertThat(applied)
          .extracting(LoggedEvent::position)
          .containsExactlyElementsOf(LongStream.rangeClosed(1, 2L * keys).boxed().toList());
      assertThat(applied)
          .containsExactlyElementsOf(new LogReader(database, codec).readAfter(0, 2 * keys));
    }
  }

  private static void awaitOpen(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private LogTail startTail(long after, Consumer<LoggedEvent> consumer) {
    var tail = new LogTail(database, codec, after, consumer);
    tail.start();
    return tail;
  }

  private void appendByHand(String type, int version, String payload) {
    TestDatabases.execute(
        settings,
        """
        WITH head AS (UPDATE log.log_head SET position = position + 1 RETURNING position)
        INSERT INTO log.event (position, stream_kind, stream_id, sequence, workspace, type, version,
          time, actor_type, request_id, payload, context_hash)
        SELECT position, 'key', 'by-hand', 0, 'default', '%s', %d, now(), 'root', 'r', '%s',
          sha256('')
        FROM head
        """
            .formatted(type, version, payload));
  }
}
