package dev.keyledger.log;

import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * A foreign session that holds the head of the log. The appender's own sessions never hold it long.
 */
final class HeldHead implements AutoCloseable {
  private final Connection session;
  private final DatabaseSettings settings;

  HeldHead(DatabaseSettings settings) throws SQLException {
    this.settings = settings;
    this.session = TestDatabases.session(settings);
    session.setAutoCommit(false);
    try (Statement statement = session.createStatement()) {
      statement.execute("SELECT * FROM log.log_head FOR UPDATE");
    }
  }

  /** Waits until an appender is blocked on the head, and returns the pid of its backend. */
  int awaitStalledAppender() {
    return await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(Duration.ofSeconds(5))
        .until(this::stalledAppender, pid -> pid != 0);
  }

  private int stalledAppender() throws SQLException {
    try (Connection other = TestDatabases.session(settings);
        Statement statement = other.createStatement();
        ResultSet pid =
            statement.executeQuery(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                    + " AND application_name = 'keyledger appender'"
                    + " AND wait_event_type = 'Lock'")) {
      return pid.next() ? pid.getInt(1) : 0;
    }
  }

  void release() throws SQLException {
    if (!session.isClosed()) {
      session.rollback();
      session.close();
    }
  }

  @Override
  public void close() throws SQLException {
    release();
  }
}
