package dev.keyledger.standalone.race;

import dev.keyledger.events.KeyId;
import dev.keyledger.log.DatabaseSettings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Random;
import java.util.function.LongConsumer;

/**
 * A foreign client that writes to the log directly: takes positions, delays, and then commits,
 * rolls back or is killed. Confined to one thread.
 */
final class Rival implements AutoCloseable {
  private static final String MOVE_HEAD =
      "UPDATE log.log_head SET position = position + 1, time = greatest(time, clock_timestamp())"
          + " RETURNING position";
  private static final String INSERT =
      """
      INSERT INTO log.event (position, stream_kind, stream_id, sequence, workspace, type, version,
        time, actor_type, request_id, payload, context_hash)
      SELECT ?, 'key', ?, 0, 'default', 'KeySuspended', 1, time, 'root', 'rival', '{}', sha256('')
      FROM log.log_head
      """;
  private static final double STALL_SECONDS_MAX = 0.01;
  private static final double PAUSE_SECONDS_MAX = 0.05;

  private final DatabaseSettings settings;
  private final Random random;
  private final LongConsumer committed;
  private Connection session;

  /**
   * @param random also gives the names of its keys, so that each rival needs its own
   * @param committed receives each position that it has filled
   */
  Rival(DatabaseSettings settings, Random random, LongConsumer committed) throws SQLException {
    this.settings = settings;
    this.random = random;
    this.committed = committed;
    this.session = open();
  }

  /** Takes a position correctly, holding the head until the end of the transaction. */
  void harm() throws SQLException {
    sleep(session, PAUSE_SECONDS_MAX);
    session.setAutoCommit(false);
    long position = moveHead();
    insert(position);
    sleep(session, STALL_SECONDS_MAX);
    switch (random.nextInt(3)) {
      case 0 -> {
        session.commit();
        committed.accept(position);
      }
      case 1 -> session.rollback();
      default -> die();
    }
    if (!session.isClosed()) {
      session.setAutoCommit(true);
    }
  }

  /** Takes a position like a sequence value: others continue before it is filled. */
  void bypassHead() throws SQLException {
    long position = moveHead();
    sleep(session, STALL_SECONDS_MAX);
    insert(position);
    committed.accept(position);
  }

  /** Ends a session of a node at any moment. */
  void endBackendOf(String applicationName) throws SQLException {
    sleep(session, 10 * PAUSE_SECONDS_MAX);
    try (PreparedStatement end =
        session.prepareStatement(
            "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity"
                + " WHERE datname = current_database() AND application_name = ?"
                + " ORDER BY random() LIMIT 1) AS victim")) {
      end.setString(1, applicationName);
      end.execute();
    }
  }

  private long moveHead() throws SQLException {
    try (PreparedStatement move = session.prepareStatement(MOVE_HEAD);
        ResultSet row = move.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  private void insert(long position) throws SQLException {
    try (PreparedStatement insert = session.prepareStatement(INSERT)) {
      insert.setLong(1, position);
      insert.setString(2, KeyId.of(0, random.nextInt(1 << 10), random.nextLong()).value());
      insert.executeUpdate();
    }
  }

  /** Kills its own session in mid-transaction, by another session. */
  private void die() throws SQLException {
    int pid;
    try (PreparedStatement self = session.prepareStatement("SELECT pg_backend_pid()");
        ResultSet row = self.executeQuery()) {
      row.next();
      pid = row.getInt(1);
    }
    Connection next = open();
    try (PreparedStatement end = next.prepareStatement("SELECT pg_terminate_backend(?, 5000)")) {
      end.setInt(1, pid);
      end.execute();
    }
    session.close();
    session = next;
  }

  private void sleep(Connection connection, double secondsMax) throws SQLException {
    try (PreparedStatement sleep = connection.prepareStatement("SELECT pg_sleep(?)")) {
      sleep.setDouble(1, random.nextDouble(secondsMax));
      sleep.execute();
    }
  }

  private Connection open() throws SQLException {
    return DriverManager.getConnection(
        settings.jdbcUrl(), settings.username(), settings.password());
  }

  @Override
  public void close() throws SQLException {
    session.close();
  }
}
