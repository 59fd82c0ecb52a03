package dev.keyledger.log;

import static dev.keyledger.log.TestEvents.change;
import static dev.keyledger.log.TestEvents.issue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.events.LoggedEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Two nodes on one PostgreSQL, one of them frozen again and again in the middle of its work while a
 * foreign transaction stays open: nobody waits for it, and no reader sees a position before the one
 * in front of it.
 */
@Timeout(20)
class TwoProcessesTest {
  private static final int FREEZES = 8;

  private final DatabaseSettings settings = TestDatabases.empty();
  private final EventCodec codec = new EventCodec();

  @Test
  void aFrozenNodeHoldsUpNobodyAndHidesNothing() throws Exception {
    long seed = System.nanoTime();
    var random = new Random(seed);
    try (var database = LedgerDatabase.open(settings);
        var appender = new LogAppender(database, codec, InstantSource.system());
        var tail = new LogTail(database, codec, 0, _ -> {});
        Connection stalled = TestDatabases.session(settings)) {
      var reader = new LogReader(database, codec);
      Process other = startOther();
      try {
        await().atMost(Duration.ofSeconds(10)).until(() -> reader.head().position() > 500);
        tail.start();
        stall(stalled);
        for (int freeze = 0; freeze < FREEZES; freeze++) {
          long awaited = reader.head().position() + random.nextInt(1000);
          await()
              .pollInterval(Duration.ofMillis(1))
              .until(() -> reader.head().position() > awaited);
          signal(other, "STOP");

          appendInTime(appender, freeze);
          long here = reader.head().position();
          assertThat(tail.await(here, Duration.ofSeconds(2)))
              .as("seed %d, freeze %d, %s", seed, freeze, tail.failure())
              .isTrue();

          signal(other, "CONT");
          await().until(() -> reader.head().position() > here);
        }
      } finally {
        other.destroyForcibly().waitFor();
      }
      long end = reader.head().position();
      assertThat(tail.await(end, Duration.ofSeconds(5))).as("%s", tail.failure()).isTrue();
      assertThat(positions(reader))
          .containsExactlyElementsOf(LongStream.rangeClosed(1, end).boxed().toList());
    }
  }

  private static void appendInTime(LogAppender appender, int freeze) throws Exception {
    CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 50; i++) {
                long key = freeze * 50L + i;
                appender.append(List.of(issue(key), change(key, 1)));
              }
            })
        .get(2, TimeUnit.SECONDS);
  }

  /** As a node that froze between BEGIN and COMMIT would: with rows written and a snapshot held. */
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

  private static List<Long> positions(LogReader reader) {
    return reader.readAfter(0, Integer.MAX_VALUE).stream().map(LoggedEvent::position).toList();
  }
}
