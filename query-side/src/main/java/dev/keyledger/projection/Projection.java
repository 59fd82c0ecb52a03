package dev.keyledger.projection;

import dev.keyledger.events.LoggedEvent;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;

/**
 * Rows that are derived only from the log. Applying an event twice leaves the same rows, and the
 * same events give the same rows in pages of any size.
 *
 * <p>Stateless and therefore thread-safe, but only one thread at a time may write the same tables.
 */
public interface Projection {
  /** Returns its name, which is also that of its row in {@code read.projection}. */
  String name();

  /** Returns its tables. */
  List<Table> tables();

  /**
   * Writes the rows that follow from more events.
   *
   * @param connection in a transaction that also moves the projection's position
   * @param tables the set of its tables
   * @param events in order and without gaps, the first one directly after the applied ones
   * @throws RuntimeException if an event cannot be applied; it must never be skipped
   */
  void apply(Connection connection, TableSet tables, List<LoggedEvent> events) throws SQLException;

  /**
   * A table of a projection.
   *
   * @param name the name without the schema
   * @param key the columns that identify and sort its rows
   */
  record Table(String name, String key) {}

  /** The tables that lists are read from, or those that a rebuild fills to replace them. */
  enum TableSet {
    LIVE(""),
    REBUILT("_rebuilt");

    private static final String SCHEMA = "read.";

    private final String suffix;

    TableSet(String suffix) {
      this.suffix = suffix;
    }

    /** Returns the full name of a table, for use in SQL. */
    public String nameOf(String table) {
      return SCHEMA + table + suffix;
    }
  }

  /**
   * Returns SHA-256 over all rows: equal for equal content, regardless of its history.
   *
   * @param connection in a transaction, so that the driver fetches the rows in portions
   */
  default String digest(Connection connection, TableSet tables) throws SQLException {
    MessageDigest sha256 = sha256();
    for (Table table : tables()) {
      sha256.update(table.name().getBytes(StandardCharsets.UTF_8));
      String rows =
          "SELECT t::text FROM %s t ORDER BY %s"
              .formatted(tables.nameOf(table.name()), table.key());
      try (PreparedStatement statement = connection.prepareStatement(rows)) {
        statement.setFetchSize(1000);
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            sha256.update((byte) '\n');
            sha256.update(row.getString(1).getBytes(StandardCharsets.UTF_8));
          }
        }
      }
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
