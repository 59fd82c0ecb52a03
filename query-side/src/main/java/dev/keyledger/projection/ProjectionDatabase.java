package dev.keyledger.projection;

import dev.keyledger.log.LedgerDatabase;
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
 * Schema {@code read}: its tables are there and up to date once this is made. Those who write and
 * those who read lists have connections of their own, so that neither a flood of lists nor a long
 * one keeps projections, checks or commands waiting.
 *
 * <p>Safe for use by many threads.
 */
public final class ProjectionDatabase {
  /** How long one list may take PostgreSQL. */
  public static final Duration LIST_TIME_MAX = Duration.ofSeconds(5);

  private static final String MIGRATIONS = "classpath:dev/keyledger/projection/migration";
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

  private final DataSource writers;
  private final DataSource readers;
  private final Map<String, PositionWatch> watches = new ConcurrentHashMap<>();

  public ProjectionDatabase(LedgerDatabase database) {
    database.migrate("read", MIGRATIONS);
    writers = database.openPool("projections", WRITERS_MAX);
    readers = database.openPool("lists", READERS_MAX);
  }

  /** Connections for whoever moves projections. */
  DataSource writers() {
    return writers;
  }

  /** What is done in a transaction. */
  interface Work {
    long on(Connection connection) throws SQLException;
  }

  /**
   * Does that work in a transaction of a writer and returns its result. The pool rolls back what
   * was not committed when the connection returns to it.
   */
  long inTransaction(Work work) throws SQLException {
    try (Connection connection = writers.getConnection()) {
      connection.setAutoCommit(false);
      long result = work.on(connection);
      connection.commit();
      return result;
    }
  }

  /** What waits for a projection's position, the same for all who ask. */
  public PositionWatch watch(Projection projection) {
    return watches.computeIfAbsent(projection.name(), name -> new PositionWatch(this, name));
  }

  /** What reads rows. */
  public interface Question<T> {
    /**
     * @param position the position that the projection stands at
     */
    T ask(Connection connection, long position) throws SQLException;
  }

  /**
   * Asks a projection, all of it as it stands at one position.
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
        throw new IllegalStateException("PostgreSQL does not understand a list", e);
      }
      throw new StoreUnavailableException("a list cannot be read: " + e.getMessage(), e);
    }
  }

  /** A SHA-256 over all that a projection shows; reads all of it. */
  public String digest(Projection projection) {
    return ask(projection, (connection, _) -> projection.digest(connection, TableSet.LIVE));
  }

  /**
   * The position that a projection stands at, whichever node moves it.
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
      throw new StoreUnavailableException("no position can be read: " + e.getMessage(), e);
    }
  }

  /**
   * How far a projection is behind the log.
   *
   * @param events how many events it does not show yet
   * @param age how long ago, by PostgreSQL's clock, the first of them happened; zero if there is
   *     none
   */
  public record Lag(long events, Duration age) {}

  /**
   * How far a projection is behind the log, whichever node moves it.
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
      throw new StoreUnavailableException("no lag can be read: " + e.getMessage(), e);
    }
  }

  /**
   * The tables are locked before the snapshot is taken, which the first query does: a rebuild that
   * replaces them meanwhile waits, or else is seen whole.
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
