package dev.keyledger.projection;

import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogRunner;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.PositionWatch;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.projection.Projection.TableSet;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * Schema {@code read}. Constructing this creates and updates its tables. Writers and readers of
 * lists have separate connections, so that neither many lists nor a slow one block projections,
 * checks or commands.
 *
 * <p>Thread-safe.
 */
public final class ProjectionDatabase {
  /** The maximum time of a list query in PostgreSQL. */
  public static final Duration LIST_TIME_MAX = Duration.ofSeconds(5);

  private static final String SCHEMA = "read";
  private static final String MIGRATIONS = "dev/keyledger/projection/migration";
  private static final String POSITIONS = SCHEMA + ".projection";
  private static final String WRONG_STATEMENT = "42";
  private static final int WRITERS_MAX = 4;
  private static final int READERS_MAX = 4;

  private static final String LAG =
      """
      SELECT head.position - shown.position,
        CASE WHEN next.time IS NULL THEN 0
          ELSE (1000 * extract(epoch FROM clock_timestamp() - next.time))::bigint END
      FROM read.projection shown CROSS JOIN log.log_head head
      LEFT JOIN log.event next ON next.position = shown.position + 1
      WHERE shown.name = ?
      """;

  private final LedgerDatabase database;
  private final DataSource writers;
  private final DataSource readers;
  private final Map<String, PositionWatch> watches = new ConcurrentHashMap<>();

  public ProjectionDatabase(LedgerDatabase database) {
    this.database = database;
    database.migrate(SCHEMA, MIGRATIONS);
    writers = database.openPool("projections", WRITERS_MAX);
    readers = database.openPool("lists", READERS_MAX);
  }

  /** Work to be done in a transaction. */
  interface Work {
    long on(Connection connection) throws SQLException;
  }

  /** Opens a connection as the owner of the tables, which may replace them. */
  Connection openAsOwner() throws SQLException {
    return database.openAsOwner("rebuild");
  }

  /** Runs the work in a transaction of a connection of the caller, and returns its result. */
  static long inTransaction(Connection connection, Work work) throws SQLException {
    connection.setAutoCommit(false);
    try {
      long result = work.on(connection);
      connection.commit();
      return result;
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /** Renews the grants of the nodes' role, after tables were replaced. */
  void grantAgain(Connection owner) throws SQLException {
    database.grantAgain(owner, SCHEMA, MIGRATIONS);
  }

  /** Returns the watch of a projection's position, one instance for all callers. */
  public PositionWatch watch(Projection projection) {
    return watches.computeIfAbsent(
        projection.name(), name -> new PositionWatch(() -> position(name)));
  }

  /** Returns a runner that moves a projection. */
  LogRunner runner(Projection projection, LogTail tail, String owner) {
    var moved =
        LogRunner.Job.of(
            projection.name(),
            POSITIONS,
            tail,
            (connection, events) -> projection.apply(connection, TableSet.LIVE, events));
    return new LogRunner(moved, writers, watch(projection)::moved, tail, owner);
  }

  /** A query of a projection's rows. */
  public interface Question<T> {
    /**
     * @param position the current position of the projection
     */
    T ask(Connection connection, long position) throws SQLException;
  }

  /**
   * Queries a projection in a consistent state, at one position.
   *
   * @throws ProjectionIncompleteException if it is being built for the first time
   * @throws StoreUnavailableException if the database cannot be reached or takes too long
   */
  public <T> T ask(Projection projection, Question<T> question) {
    try (Connection connection = readers.getConnection()) {
      connection.setAutoCommit(false);
      try {
        return question.ask(connection, beginAtPosition(connection, projection));
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      if (String.valueOf(e.getSQLState()).startsWith(WRONG_STATEMENT)) {
        throw new IllegalStateException("PostgreSQL rejects the statement of a list", e);
      }
      throw new StoreUnavailableException("cannot read a list: " + e.getMessage(), e);
    }
  }

  /** Returns SHA-256 over the whole content of a projection; reads all of it. */
  public String digest(Projection projection) {
    return ask(projection, (connection, _) -> projection.digest(connection, TableSet.LIVE));
  }

  /**
   * Returns the position of a projection, whichever node moves it.
   *
   * @throws StoreUnavailableException if the database cannot be reached
   */
  public long position(String projection) {
    try (Connection connection = readers.getConnection();
        PreparedStatement statement =
            connection.prepareStatement("SELECT position FROM read.projection WHERE name = ?")) {
      statement.setString(1, projection);
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw new IllegalStateException("there is no projection " + projection);
        }
        return row.getLong(1);
      }
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot read the position: " + e.getMessage(), e);
    }
  }

  /**
   * The lag of a projection behind the log.
   *
   * @param events the number of events that it does not show yet
   * @param age the age of the first of them, by PostgreSQL's clock; zero if there is none
   */
  public record Lag(long events, Duration age) {}

  /**
   * Returns the lag of a projection behind the log, whichever node moves it.
   *
   * @throws StoreUnavailableException if the database cannot be reached
   */
  public Lag lag(Projection projection) {
    try (Connection connection = readers.getConnection();
        PreparedStatement statement = connection.prepareStatement(LAG)) {
      statement.setString(1, projection.name());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return new Lag(row.getLong(1), Duration.ofMillis(row.getLong(2)));
      }
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot read the lag: " + e.getMessage(), e);
    }
  }

  /**
   * Begins a read at one position. Locks the tables before the first query takes the snapshot: a
   * concurrent rebuild that replaces them either waits or is seen completely.
   *
   * <p>Lists walk through an index in its order and stop. If the statistics are older than the
   * entries, as in a list that was just built, PostgreSQL expects few entries, and would instead
   * read and sort all that match.
   */
  private static long beginAtPosition(Connection connection, Projection projection)
      throws SQLException {
    String tables =
        projection.tables().stream()
            .map(table -> TableSet.LIVE.nameOf(table.name()))
            .collect(Collectors.joining(", "));
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          """
          SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
          SET LOCAL statement_timeout = %d;
          SET LOCAL enable_bitmapscan = off;
          SET LOCAL enable_sort = off;
          SET LOCAL enable_incremental_sort = off;
          LOCK TABLE %s IN ACCESS SHARE MODE
          """
              .formatted(LIST_TIME_MAX.toMillis(), tables));
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT position, shown_from FROM read.projection WHERE name = ?")) {
      statement.setString(1, projection.name());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        if (row.getLong(1) < row.getLong(2)) {
          throw new ProjectionIncompleteException(row.getLong(1), row.getLong(2));
        }
        return row.getLong(1);
      }
    }
  }
}
