package dev.keyledger.projection;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The conditions that all rows of a list must meet. Values are passed as parameters, never as SQL.
 * Not thread-safe.
 */
public final class WhereClause {
  private final StringJoiner sql = new StringJoiner(" AND ", " WHERE ", "").setEmptyValue("");
  private final List<Object> values = new ArrayList<>();

  /**
   * Adds a condition.
   *
   * @param condition SQL with a question mark for each value
   */
  public WhereClause and(String condition, Object... more) {
    sql.add("(" + condition + ")");
    values.addAll(List.of(more));
    return this;
  }

  /**
   * One condition.
   *
   * @param sql with a question mark for each value
   */
  public record Condition(String sql, List<Object> values) {
    public Condition {
      values = List.copyOf(values);
    }

    /** Creates a condition with these values. */
    public Condition(String sql, Object... values) {
      this(sql, List.of(values));
    }
  }

  /** Adds the condition that one of several is met, unless there are none. */
  public WhereClause andAnyOf(List<Condition> alternatives) {
    if (!alternatives.isEmpty()) {
      sql.add(
          alternatives.stream()
              .map(Condition::sql)
              .collect(Collectors.joining(") OR (", "((", "))")));
      alternatives.forEach(alternative -> values.addAll(alternative.values()));
    }
    return this;
  }

  /** Adds a condition on a value, unless it is null. */
  public WhereClause andIfGiven(String condition, @Nullable Object value) {
    return value == null ? this : and(condition, value);
  }

  /**
   * Returns the statement with these conditions and their values.
   *
   * @param select the part before {@code WHERE}
   * @param rest the part after it, without parameters
   */
  public PreparedStatement prepare(Connection connection, String select, String rest)
      throws SQLException {
    return prepare(connection, select + sql + rest, values);
  }

  /**
   * Returns a statement with these conditions on the rows of a query with other conditions.
   *
   * @param select the part before the query
   * @param inner the query: the part before and after its conditions
   * @param rest the part after the query and these conditions, without parameters
   */
  public PreparedStatement prepareOver(
      Connection connection, String select, Query inner, String rest) throws SQLException {
    var all = new ArrayList<Object>(inner.conditions.values);
    all.addAll(values);
    return prepare(connection, select + "(" + inner.sql() + ") AS rows" + sql + rest, all);
  }

  /**
   * A query of rows.
   *
   * @param select the part before {@code WHERE}
   * @param rest the part after the conditions, without parameters
   */
  public record Query(String select, WhereClause conditions, String rest) {
    private String sql() {
      return select + conditions.sql + rest;
    }
  }

  private static PreparedStatement prepare(Connection connection, String sql, List<Object> values)
      throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      for (int i = 0; i < values.size(); i++) {
        statement.setObject(i + 1, values.get(i));
      }
      return statement;
    } catch (SQLException e) {
      statement.close();
      throw e;
    }
  }
}
