package dev.keyledger.log;

import static dev.keyledger.log.TestEvents.change;
import static dev.keyledger.log.TestEvents.issue;
import static dev.keyledger.log.TestEvents.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two nodes on one PostgreSQL. One of them is frozen repeatedly while it appends, and a foreign
 * transaction stays open. The other node is not blocked, and no reader sees a position before its
 * predecessor.
 */
@Timeout(120)
class TwoProcessesTest {
  private static final int FREEZES = 8;

  private final DatabaseSettings settings = TestDatabases.empty();
  private final EventCodec codec = new EventCodec();

  @Test
  void aFrozenNodeBlocksNobodyAndHidesNothing() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    Process other = startOther();
    try (var database = LedgerDatabase.open(settings);
        var tail = new LogTail(database, codec, 0, _ -> {});
        Connection stalled = TestDatabases.session(settings);
        var appender = new LogAppender(database, codec, InstantSource.system());
        var load = new Load(appender)) {
      var reader = new LogReader(database, codec);
      tail.start();
      awaitAppendsOfTheOther(stalled);
      stall(stalled);
      for (int freeze = 0; freeze < FREEZES; freeze++) {
        load.awaitMore(random.nextInt(1, 200));
        signal(other, "STOP");
        load.awaitMore(100);
        long here = reader.head().position();
        assertThat(tail.await(here, Duration.ofSeconds(2)))
            .as("seed %d, freeze %d, %s", seed, freeze, tail.failure())
            .isTrue();
        signal(other, "CONT");
      }
      other.destroyForcibly().waitFor();
      load.end();
      long end = reader.head().position();
      assertThat(tail.await(end, Duration.ofSeconds(5))).as("%s", tail.failure()).isTrue();
      stalled.rollback();
      assertThat(number(stalled, "SELECT count(*) FROM log.event")).isEqualTo(end);
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  /**
   * Threads of this process that append until the end of the test, in competition with the other
   * one.
   */
  private static final class Load implements AutoCloseable {
    private static final int CALLERS = 16;

    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong nextKey = new AtomicLong();
    private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
    private volatile boolean ended;

    private Load(LogAppender appender) {
      for (int caller = 0; caller < CALLERS; caller++) {
        callers.execute(() -> {
          while (!ended) {
            long key = nextKey.getAndIncrement();
            appender.append(List.of(issue(key), change(key, 1)));
            acknowledged.incrementAndGet();
          }
        });
      }
    }

    /** Waits until this process has appended that many more units, within a short time. */
    void awaitMore(int units) {
      long awaited = acknowledged.get() + units;
      await()
          .pollInterval(Duration.ofMillis(2))
          .atMost(Duration.ofSeconds(2))
          .until(() -> acknowledged.get() >= awaited);
    }

    void end() {
      ended = true;
      callers.close();
    }

    @Override
    public void close() {
      end();
    }
  }

  /**
   * Simulates a node that froze between BEGIN and COMMIT, with written rows and an open snapshot.
   */
  private static void stall(Connection session) throws SQLException {
    session.setAutoCommit(false);
    session.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
    try (Statement statement = session.createStatement()) {
      statement.execute("INSERT INTO log.key_owner VALUES ('stalled', 'user', 'u', 'k')");
      statement.execute("SELECT count(*) FROM log.event");
    }
  }

  private Process startOther() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            AppendingProcess.class.getName(),
            settings.jdbcUrl(),
            settings.username(),
            settings.password())
        .inheritIO()
        .start();
  }

  private static void signal(Process process, String signal) throws Exception {
    var kill =
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).inheritIO().start();
    assertThat(kill.waitFor()).isZero();
  }

  private void awaitAppendsOfTheOther(Connection session) {
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() ->
            number(
                    session,
                    "SELECT count(*) FROM log.event WHERE stream_id >= '"
                        + key(AppendingProcess.FIRST_KEY)
                        + "'")
                > 100);
  }

  private static long number(Connection session, String sql) throws SQLException {
    try (Statement statement = session.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }
}
