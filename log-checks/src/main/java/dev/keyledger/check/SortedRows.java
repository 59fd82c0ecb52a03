package dev.keyledger.check;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a query, sorted by their first column, a text, in the order of its bytes. They are
 * fetched as they are asked for.
 */
final class SortedRows<T> implements AutoCloseable {
  private static final int FETCHED_AT_ONCE = 1000;

  /** Makes a row's value of the row that a result stands at. */
  interface Reader<T> {
    T read(ResultSet row) throws SQLException;
  }

  private final PreparedStatement statement;
  private final ResultSet result;
  private final Reader<T> reader;
  private @Nullable String nextKey;

  SortedRows(Connection connection, String query, Reader<T> reader) throws SQLException {
    this.statement = connection.prepareStatement(query);
    statement.setFetchSize(FETCHED_AT_ONCE);
    this.result = statement.executeQuery();
    this.reader = reader;
    advance();
  }

  private void advance() throws SQLException {
    nextKey = result.next() ? result.getString(1) : null;
  }

  /** Returns the key of the next row; null after the last. */
  @Nullable String nextKey() {
    return nextKey;
  }

  /**
   * All rows of a key.
   *
   * @param passed is handed what stands before them and belongs to keys that nobody asked for
   */
  List<T> of(String key, Consumer<T> passed) throws SQLException {
    while (nextKey != null && nextKey.compareTo(key) < 0) {
      passed.accept(reader.read(result));
      advance();
    }
    var rows = new ArrayList<T>();
    while (key.equals(nextKey)) {
      rows.add(reader.read(result));
      advance();
    }
    return rows;
  }

  /** Passes on the remaining rows. */
  void rest(Consumer<T> passed) throws SQLException {
    while (nextKey != null) {
      passed.accept(reader.read(result));
      advance();
    }
  }

  @Override
  public void close() throws SQLException {
    statement.close();
  }
}
