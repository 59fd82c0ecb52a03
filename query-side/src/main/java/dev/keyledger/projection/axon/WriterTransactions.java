package dev.keyledger.projection.axon;

import dev.keyledger.log.StoreUnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.axonframework.common.transaction.Transaction;
import org.axonframework.common.transaction.TransactionManager;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of PostgreSQL that rows and tokens move in. Each thread has one at most; one
 * that begins within another is part of it.
 */
final class WriterTransactions implements TransactionManager {
  private final DataSource dataSource;

  @SuppressWarnings("ThreadLocalUsage") // one for each database
  private final ThreadLocal<@Nullable Connection> current = new ThreadLocal<>();

  WriterTransactions(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * The connection of the transaction that runs on this thread.
   *
   * @throws IllegalStateException if none runs
   */
  Connection connection() {
    Connection connection = current.get();
    if (connection == null) {
      throw new IllegalStateException("no transaction runs on this thread");
    }
    return connection;
  }

  @Override
  public Transaction startTransaction() {
    if (current.get() != null) {
      return new Part();
    }
    try {
      Connection connection = dataSource.getConnection();
      connection.setAutoCommit(false);
      current.set(connection);
      return new Whole(connection);
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  static StoreUnavailableException unavailable(SQLException e) {
    return new StoreUnavailableException("a projection cannot be moved: " + e.getMessage(), e);
  }

  private final class Whole implements Transaction {
    private final Connection connection;

    private Whole(Connection connection) {
      this.connection = connection;
    }

    @Override
    public void commit() {
      end(Connection::commit);
    }

    @Override
    public void rollback() {
      end(Connection::rollback);
    }

    private void end(Ending ending) {
      current.remove();
      try (connection) {
        ending.end(connection);
      } catch (SQLException e) {
        throw unavailable(e);
      }
    }
  }

  private interface Ending {
    void end(Connection connection) throws SQLException;
  }

  /** What fails in a part fails the whole: its exception goes through both. */
  private static final class Part implements Transaction {
    @Override
    public void commit() {}

    @Override
    public void rollback() {}
  }
}
