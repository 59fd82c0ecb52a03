package dev.keyledger.log;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sets the parameters of a statement in order. Most are arrays, one for each column of many rows,
 * which the statement combines with {@code unnest}. One statement for each row would cost
 * PostgreSQL and the driver several times as much. Not thread-safe.
 */
public final class ArrayParameters {
  private final PreparedStatement statement;
  private int next;

  /**
   * @param first the index of the first parameter to set, from 1
   */
  public ArrayParameters(PreparedStatement statement, int first) {
    this.statement = statement;
    this.next = first;
  }

  public ArrayParameters integer(int value) throws SQLException {
    statement.setInt(next++, value);
    return this;
  }

  public <T> ArrayParameters texts(List<T> rows, Function<T, @Nullable String> value)
      throws SQLException {
    return add("text", rows, value, new String[rows.size()]);
  }

  public <T> ArrayParameters longs(List<T> rows, Function<T, @Nullable Long> value)
      throws SQLException {
    return add("int8", rows, value, new Long[rows.size()]);
  }

  public <T> ArrayParameters integers(List<T> rows, Function<T, @Nullable Integer> value)
      throws SQLException {
    return add("int4", rows, value, new Integer[rows.size()]);
  }

  public <T> ArrayParameters bytes(List<T> rows, Function<T, byte[]> value) throws SQLException {
    return add("bytea", rows, value, new byte[rows.size()][]);
  }

  /**
   * Adds an array. The driver sends arrays of these types in binary form, but arrays of Object as
   * text.
   */
  private <T, V> ArrayParameters add(
      String type, List<T> rows, Function<T, ? extends @Nullable V> value, @Nullable V[] values)
      throws SQLException {
    for (int row = 0; row < values.length; row++) {
      values[row] = value.apply(rows.get(row));
    }
    statement.setArray(next++, statement.getConnection().createArrayOf(type, values));
    return this;
  }
}
