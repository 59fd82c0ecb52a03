package dev.keyledger.projection;

import dev.keyledger.events.LoggedEvent;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.projection.Projection.Table;
import dev.keyledger.projection.Projection.TableSet;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Builds a projection from the first event of the log, into separate tables, and replaces the live
 * ones in one transaction at the end. Until then lists are answered from the old tables, and nodes
 * may keep running. A rebuild that was killed continues when it is run again.
 *
 * <p>Not thread-safe. A second rebuild on the same database is rejected.
 */
public final class Rebuild {
  private static final int PAGE = 1000;
  private static final Duration REPORT_INTERVAL = Duration.ofSeconds(1);

  /** An arbitrary number that nothing else locks: "keyledgr" in ASCII. */
  private static final long LOCK = 0x6b65796c65646772L;

  private static final String ROW_SUFFIX = " rebuilt";

  private final ProjectionDatabase database;
  private final LogReader log;
  private final Consumer<String> report;

  /**
   * @param report receives a line about the progress every second, and one at the end
   */
  public Rebuild(ProjectionDatabase database, LogReader log, Consumer<String> report) {
    this.database = database;
    this.log = log;
    this.report = report;
  }

  /**
   * Rebuilds a projection.
   *
   * @throws IllegalStateException if another rebuild is running, or an event cannot be applied
   * @throws StoreUnavailableException if the database cannot be reached; run it again
   */
  public void run(Projection projection) {
    try (Connection lock = database.openAsOwner();
        Connection owner = database.openAsOwner()) {
      if (!tryLock(lock)) {
        throw new IllegalStateException("another rebuild is running on this database");
      }
      try {
        long position = begin(owner, projection);
        position = build(owner, projection, position);
        replace(owner, projection, position);
      } finally {
        unlock(lock);
      }
    } catch (SQLException e) {
      throw new StoreUnavailableException("the rebuild was interrupted: " + e.getMessage(), e);
    }
  }

  /** Returns the position to continue after: 0, or the position of a killed rebuild. */
  private long begin(Connection owner, Projection projection) throws SQLException {
    return ProjectionDatabase.inTransaction(
        owner,
        connection -> {
          long position = begunAt(connection, projection);
          if (position >= 0) {
            report.accept(
                "%s: continuing a rebuild after position %d"
                    .formatted(projection.name(), position));
            return position;
          }
          try (Statement statement = connection.createStatement()) {
            for (Table table : projection.tables()) {
              statement.execute(
                  "CREATE TABLE %s (LIKE %s INCLUDING ALL)"
                      .formatted(
                          TableSet.REBUILT.nameOf(table.name()),
                          TableSet.LIVE.nameOf(table.name())));
            }
          }
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO read.projection (name, shown_from) VALUES (?, 0)")) {
            insert.setString(1, rowOf(projection));
            insert.executeUpdate();
          }
          return 0L;
        });
  }

  private static long begunAt(Connection connection, Projection projection) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT position FROM read.projection WHERE name = ?")) {
      select.setString(1, rowOf(projection));
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getLong(1) : -1;
      }
    }
  }

  /** Applies everything in the log up to now; returns the position reached. */
  private long build(Connection owner, Projection projection, long start) throws SQLException {
    long beganNanos = System.nanoTime();
    long reportedNanos = beganNanos;
    long head = log.head().position();
    long position = start;
    while (position < head) {
      position = applied(owner, projection, position, log.readAfter(position, PAGE));
      long nanos = System.nanoTime();
      if (position >= head || nanos - reportedNanos > REPORT_INTERVAL.toNanos()) {
        reportedNanos = nanos;
        report(projection, start, position, nanos - beganNanos);
      }
    }
    return position;
  }

  private static long applied(
      Connection owner, Projection projection, long position, List<LoggedEvent> page)
      throws SQLException {
    return ProjectionDatabase.inTransaction(
        owner,
        connection -> {
          projection.apply(connection, TableSet.REBUILT, page);
          long reached = page.getLast().position();
          moveTo(connection, projection, position, reached);
          return reached;
        });
  }

  private static void moveTo(Connection connection, Projection projection, long from, long to)
      throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE read.projection SET position = ? WHERE name = ? AND position = ?")) {
      update.setLong(1, to);
      update.setString(2, rowOf(projection));
      update.setLong(3, from);
      if (update.executeUpdate() == 0) {
        throw new IllegalStateException("another rebuild is running on this database");
      }
    }
  }

  /**
   * Replaces the old tables with the new ones. First locks the row of the live projection, as each
   * of its transactions does; the events that those applied meanwhile are applied here too.
   */
  private void replace(Connection owner, Projection projection, long built) throws SQLException {
    long reached =
        ProjectionDatabase.inTransaction(
            owner,
            connection -> {
              long live = lockLive(connection, projection);
              long position = built;
              while (position < live) {
                List<LoggedEvent> page = log.readAfter(position, PAGE);
                projection.apply(connection, TableSet.REBUILT, page);
                position = page.getLast().position();
              }
              moveTo(connection, projection, built, position);
              exchangeTables(connection, projection);
              exchangeRows(connection, projection);
              database.grantAgain(connection);
              return position;
            });
    report.accept("%s: rebuilt up to position %d".formatted(projection.name(), reached));
  }

  private static long lockLive(Connection connection, Projection projection) throws SQLException {
    try (PreparedStatement lock =
        connection.prepareStatement(
            "SELECT position FROM read.projection WHERE name = ? FOR UPDATE")) {
      lock.setString(1, projection.name());
      try (ResultSet row = lock.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  private static void exchangeTables(Connection connection, Projection projection)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (Table table : projection.tables()) {
        statement.execute("DROP TABLE " + TableSet.LIVE.nameOf(table.name()));
        statement.execute(
            "ALTER TABLE %s RENAME TO %s"
                .formatted(TableSet.REBUILT.nameOf(table.name()), table.name()));
      }
    }
  }

  private static void exchangeRows(Connection connection, Projection projection)
      throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            """
            WITH rebuilt AS (DELETE FROM read.projection WHERE name = ? RETURNING position)
            UPDATE read.projection SET position = rebuilt.position, shown_from = 0
            FROM rebuilt WHERE name = ?
            """)) {
      update.setString(1, rowOf(projection));
      update.setString(2, projection.name());
      update.executeUpdate();
    }
  }

  private void report(Projection projection, long start, long position, long nanos) {
    long head = log.head().position();
    long perSecond = Math.round((position - start) / Math.max(nanos / 1e9, 1e-3));
    long secondsLeft = perSecond == 0 ? 0 : (head - position) / perSecond;
    report.accept(
        "%s: %d of %d events, %d a second, %d s left"
            .formatted(projection.name(), position, head, perSecond, secondsLeft));
  }

  private static String rowOf(Projection projection) {
    return projection.name() + ROW_SUFFIX;
  }

  private static boolean tryLock(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT pg_try_advisory_lock(" + LOCK + ")")) {
      row.next();
      return row.getBoolean(1);
    }
  }

  private static void unlock(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_unlock(" + LOCK + ")");
    }
  }
}
