package dev.keyledger.delivery;

import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogRunner;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.StoreUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Schema {@code delivery}. Constructing this creates and updates its tables. It has its own
 * connections, so that deliveries never block commands. Thread-safe.
 */
public final class DeliveryDatabase {
  private static final String SCHEMA = "delivery";
  private static final String MIGRATIONS = "dev/keyledger/delivery/migration";
  private static final int CONNECTIONS_MAX = 6;
  private static final String WRONG_STATEMENT = "42";

  private final DataSource connections;

  public DeliveryDatabase(LedgerDatabase database) {
    database.migrate(SCHEMA, MIGRATIONS);
    connections = database.openPool("deliveries", CONNECTIONS_MAX);
  }

  /**
   * Returns the runner that writes deliveries as the log grows.
   *
   * @param written called after each step that wrote some
   * @param node the name of this node; need not be unique
   */
  public LogRunner runner(DeliveryReader reader, Runnable written, LogTail tail, String node) {
    return new LogRunner(
        LogRunner.Job.of(DeliveryReader.NAME, DeliveryReader.POSITIONS, tail, reader),
        connections,
        _ -> written.run(),
        tail,
        node + " " + UUID.randomUUID());
  }

  /** Work to be done in a transaction. */
  @FunctionalInterface
  interface Work<T> {
    T on(Connection connection) throws SQLException;
  }

  /**
   * Runs the work in a transaction and returns its result. The pool rolls back an uncommitted
   * transaction when the connection is returned.
   */
  <T> T inTransaction(Work<T> work) throws SQLException {
    try (Connection connection = connections.getConnection()) {
      connection.setAutoCommit(false);
      T result = work.on(connection);
      connection.commit();
      return result;
    }
  }

  /**
   * Runs the work in a transaction for a request.
   *
   * @throws StoreUnavailableException if the database cannot be reached or takes too long
   */
  <T> T forRequest(Work<T> work) {
    try {
      return inTransaction(work);
    } catch (SQLException e) {
      if (String.valueOf(e.getSQLState()).startsWith(WRONG_STATEMENT)) {
        throw new IllegalStateException("PostgreSQL rejects a statement about deliveries", e);
      }
      throw new StoreUnavailableException("cannot use the deliveries: " + e.getMessage(), e);
    }
  }

  /** Reads a row. */
  @FunctionalInterface
  interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  /** Returns the rows of a query, or those that an update returns. */
  static <T> List<T> query(
      Connection connection, String sql, Row<T> read, @Nullable Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = prepared(connection, sql, parameters);
        ResultSet row = statement.executeQuery()) {
      var rows = new ArrayList<T>();
      while (row.next()) {
        rows.add(read.read(row));
      }
      return rows;
    }
  }

  /** Executes a statement and returns the number of rows that it changed. */
  static int update(Connection connection, String sql, @Nullable Object... parameters)
      throws SQLException {
    try (PreparedStatement statement = prepared(connection, sql, parameters)) {
      return statement.executeUpdate();
    }
  }

  private static PreparedStatement prepared(
      Connection connection, String sql, @Nullable Object... parameters) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      set(statement, parameters);
      return statement;
    } catch (SQLException | RuntimeException e) {
      statement.close();
      throw e;
    }
  }

  /** Sets the parameters of a statement; a collection becomes an array of texts. */
  static void set(PreparedStatement statement, @Nullable Object... parameters) throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      Object value = parameters[i];
      if (value instanceof Collection<?> texts) {
        statement.setArray(i + 1, statement.getConnection().createArrayOf("text", texts.toArray()));
      } else {
        statement.setObject(i + 1, value);
      }
    }
  }

  static @Nullable Instant time(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }
}
