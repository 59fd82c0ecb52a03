package dev.keyledger.log;

import static dev.keyledger.log.TestEvents.issue;
import static dev.keyledger.log.TestEvents.key;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.keyledger.events.StreamId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The isolation of queries from everything else that uses the database. */
@Timeout(60)
class QueryReadersTest {
  private final LedgerDatabase database = LedgerDatabase.open(TestDatabases.empty());
  private final EventCodec codec = new EventCodec();
  private final LogAppender appender = new LogAppender(database, codec, InstantSource.system());

  @AfterEach
  void close() {
    appender.close();
    database.close();
  }

  /** Runs queries that each hold a connection as long as their consumer waits. */
  @Test
  void queriesTakeNoConnectionFromOthers() throws Exception {
    long position = appender.append(List.of(issue(1))).getLast().position();
    QueryReaders queries = QueryReaders.open(database, codec);
    var reading = new CountDownLatch(QueryReaders.CONNECTIONS_MAX);
    var gate = new CountDownLatch(1);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < QueryReaders.CONNECTIONS_MAX; i++) {
        threads.execute(() ->
            queries
                .log()
                .forEachEvent(
                    List.of(StreamId.of(key(1))),
                    "default",
                    position,
                    _ -> {
                      reading.countDown();
                      awaitOpen(gate);
                    }));
      }
      try {
        reading.await();
        assertThatCode(this::takeAllConnectionsAtOnce).doesNotThrowAnyException();
      } finally {
        gate.countDown();
      }
    }
  }

  private void takeAllConnectionsAtOnce() throws SQLException {
    var taken = new ArrayList<Connection>();
    try {
      for (int i = 0; i < LedgerDatabase.POOL_CONNECTIONS_MAX; i++) {
        taken.add(database.dataSource().getConnection());
      }
    } finally {
      for (Connection connection : taken) {
        connection.close();
      }
    }
  }

  private static void awaitOpen(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
