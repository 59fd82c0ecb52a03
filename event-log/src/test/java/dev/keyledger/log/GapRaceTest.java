package dev.keyledger.log;

import static dev.keyledger.log.TestEvents.change;
import static dev.keyledger.log.TestEvents.issue;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.LoggedEvent;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.PGConnection;

/**
 * Two nodes append with many callers each. Rivals hold the head for a while and then commit, roll
 * back or lose their connections, and commands conflict. Every concurrent reader sees each position
 * once, in order. {@code -Dkeyledger.gaprace.units=} extends the test; {@code
 * -Dkeyledger.gaprace.seed=} repeats its random choices.
 */
@Timeout(900)
class GapRaceTest {
  private static final int UNITS = Integer.getInteger("keyledger.gaprace.units", 20_000);
  private static final long SEED = Long.getLong("keyledger.gaprace.seed", System.nanoTime());
  private static final int CALLERS = 24;
  private static final int RIVALS = 2;
  private static final Duration STALL_MAX = Duration.ofMillis(15);
  private static final Duration PAUSE_MAX = Duration.ofMillis(60);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final DatabaseSettings settings = TestDatabases.empty();
  private final EventCodec codec = new EventCodec();
  private final LedgerDatabase database = LedgerDatabase.open(settings);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicBoolean settled = new AtomicBoolean();
  private final AtomicLong nextKey = new AtomicLong();
  private final AtomicLong units = new AtomicLong();
  private final AtomicLong conflicts = new AtomicLong();
  private final AtomicLong rivals = new AtomicLong();
  private final BitSet acknowledged = new BitSet();

  @AfterEach
  void end() {
    over.set(true);
    settled.set(true);
    threads.shutdownNow();
    database.close();
  }

  @Test
  void everyReaderSeesEachPositionOnceAndInOrder() throws Exception {
    System.out.println("GapRaceTest: " + UNITS + " units, seed " + SEED);
    var random = new Random(SEED);
    var seenByStranger = new Seen();
    var seenByOwner = new Seen();
    try (var otherNode = LedgerDatabase.open(settings);
        var stranger = new LogTail(database, codec, 0, seenByStranger::add);
        var owner = new LogTail(database, codec, 0, seenByOwner::add);
        var one = new LogAppender(database, codec, InstantSource.system(), owner::take);
        var other = new LogAppender(otherNode, codec, InstantSource.system())) {
      stranger.start();
      owner.start();
      Future<Long> polled = threads.submit(this::poll);
      var callers = new ArrayList<Future<?>>();
      for (int caller = 0; caller < CALLERS; caller++) {
        LogAppender through = caller % 2 == 0 ? one : other;
        var own = new Random(random.nextLong());
        callers.add(threads.submit(() -> append(through, own)));
      }
      var harmful = new ArrayList<Future<?>>();
      for (int rival = 0; rival < RIVALS; rival++) {
        int number = rival;
        var own = new Random(random.nextLong());
        harmful.add(threads.submit(() -> stall(number, own)));
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
      over.set(true);
      for (Future<?> rival : harmful) {
        rival.get();
      }
      settled.set(true);

      long end = number("SELECT position FROM log.log_head");
      assertThat(stranger.await(end, PATIENCE)).as("%s", stranger.failure()).isTrue();
      assertThat(owner.await(end, PATIENCE)).as("%s", owner.failure()).isTrue();
      assertThat(polled.get()).isEqualTo(end);
      assertThat(seenByStranger.last).isEqualTo(end);
      assertThat(seenByOwner.last).isEqualTo(end);
      assertThat(number("SELECT count(*) FROM log.event")).isEqualTo(end);
      assertThat(number("SELECT max(position) FROM log.event")).isEqualTo(end);
      assertThat(acknowledged.cardinality() + rivals.get()).isEqualTo(end);
      assertThat(conflicts.get()).isPositive();
      assertThat(rivals.get()).isPositive();
      System.out.printf(
          "GapRaceTest: %,d positions, %,d of rivals, %,d conflicts%n",
          end, rivals.get(), conflicts.get());
    }
  }

  /** The events that a tail has received, from one thread at a time. */
  private static final class Seen {
    private volatile long last;

    void add(LoggedEvent event) {
      assertThat(event.position()).isEqualTo(last + 1);
      last = event.position();
    }
  }

  private boolean append(LogAppender appender, Random random) {
    while (units.incrementAndGet() <= UNITS) {
      long key = nextKey.getAndIncrement();
      try {
        List<LoggedEvent> appended =
            switch (random.nextInt(20)) {
              case 0 -> appender.append(List.of(issue(key), issue(random.nextLong(key + 1))));
              case 1, 2, 3 -> appender.append(List.of(issue(key), change(key, 1), change(key, 2)));
              default -> appender.append(List.of(issue(key)));
            };
        synchronized (acknowledged) {
          for (LoggedEvent event : appended) {
            int position = Math.toIntExact(event.position());
            assertThat(acknowledged.get(position)).as("acknowledged twice: %d", position).isFalse();
            acknowledged.set(position);
          }
        }
      } catch (AppendConflictException expected) {
        conflicts.incrementAndGet();
      }
    }
    return true;
  }

  /** Behaves badly, unlike the appender: holds the head between two round trips. */
  private boolean stall(int rival, Random random) throws SQLException {
    for (int i = 0; !over.get(); i++) {
      try (Connection session = TestDatabases.session(settings)) {
        session.setAutoCommit(false);
        try (PreparedStatement insert =
            session.prepareStatement(
                """
                WITH head AS (
                  UPDATE log.log_head
                  SET position = position + 1, time = greatest(clock_timestamp(), time)
                  RETURNING position, time)
                INSERT INTO log.event (position, stream_kind, stream_id, sequence, workspace, type,
                  version, time, actor_type, request_id, payload, context_hash)
                SELECT position, 'workspace', ?, 0, 'default', 'WorkspaceClosed', 1, time, 'root',
                  'rival', '{}', sha256('')
                FROM head
                """)) {
          insert.setString(1, "rival-%d-%d".formatted(rival, i));
          insert.executeUpdate();
        }
        LockSupport.parkNanos(random.nextLong(STALL_MAX.toNanos()));
        switch (random.nextInt(3)) {
          case 0 -> {
            session.commit();
            rivals.incrementAndGet();
          }
          case 1 -> session.rollback();
          default ->
              TestDatabases.execute(
                  settings,
                  "SELECT pg_terminate_backend(%d, 5000)"
                      .formatted(session.unwrap(PGConnection.class).getBackendPID()));
        }
      }
      LockSupport.parkNanos(random.nextLong(PAUSE_MAX.toNanos()));
    }
    return true;
  }

  /** Follows the log as a third-party client would. */
  private long poll() throws SQLException {
    long seen = 0;
    try (Connection session = TestDatabases.session(settings);
        PreparedStatement after =
            session.prepareStatement(
                "SELECT position FROM log.event WHERE position > ? ORDER BY position LIMIT 500")) {
      boolean last = false;
      while (true) {
        long before = seen;
        after.setLong(1, seen);
        try (ResultSet row = after.executeQuery()) {
          while (row.next()) {
            assertThat(row.getLong(1)).isEqualTo(seen + 1);
            seen = row.getLong(1);
          }
        }
        if (seen == before) {
          if (last) {
            return seen;
          }
          last = settled.get() && seen == number("SELECT position FROM log.log_head");
        }
      }
    }
  }

  private long number(String query) throws SQLException {
    try (Connection session = TestDatabases.session(settings);
        Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }
}
