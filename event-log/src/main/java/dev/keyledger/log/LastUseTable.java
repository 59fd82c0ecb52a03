package dev.keyledger.log;

import dev.keyledger.events.KeyId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;

/**
 * When keys were last used, to the minute, as far as all nodes together have written it: the latest
 * that any of them saw. Beside the log, not of it. Safe for use by many threads.
 */
public final class LastUseTable {
  /** What times of use are rounded down to. */
  public static final Duration GRAIN = Duration.ofMinutes(1);

  private static final String WRITE =
      """
      INSERT INTO log.key_last_use AS kept (key_id, minute)
      SELECT * FROM unnest(?::text[], ?::integer[])
      ON CONFLICT (key_id) DO UPDATE SET minute = excluded.minute WHERE kept.minute < excluded.minute
      """;
  private static final String READ =
      "SELECT key_id, minute FROM log.key_last_use WHERE key_id = ANY (?)";

  private final DataSource dataSource;

  public LastUseTable(LedgerDatabase database) {
    this.dataSource = database.dataSource();
  }

  /**
   * Notes uses; a key that was used later than that keeps the later time.
   *
   * @param uses of each key a time of use
   * @throws StoreUnavailableException if the database cannot be reached
   */
  public void write(Map<KeyId, Instant> uses) {
    // In one order for all nodes: two that write the same keys never wait for one another in turn.
    var rows = new TreeMap<String, Integer>();
    uses.forEach((key, time) -> rows.put(key.value(), minute(time)));
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(WRITE)) {
      statement.setArray(1, connection.createArrayOf("text", rows.keySet().toArray()));
      statement.setArray(2, connection.createArrayOf("integer", rows.values().toArray()));
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new StoreUnavailableException("uses cannot be written: " + e.getMessage(), e);
    }
  }

  /**
   * The minutes in which these keys were last used; a key that never was is missing.
   *
   * @throws StoreUnavailableException if the database cannot be reached
   */
  public Map<KeyId, Instant> read(Collection<KeyId> keys) {
    try (Connection connection = dataSource.getConnection()) {
      return read(connection, keys);
    } catch (SQLException e) {
      throw new StoreUnavailableException("uses cannot be read: " + e.getMessage(), e);
    }
  }

  /** The same, within the caller's transaction. */
  public static Map<KeyId, Instant> read(Connection connection, Collection<KeyId> keys)
      throws SQLException {
    var uses = new HashMap<KeyId, Instant>();
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      statement.setArray(
          1, connection.createArrayOf("text", keys.stream().map(KeyId::value).toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          uses.put(
              new KeyId(row.getString(1)),
              Instant.ofEpochSecond(row.getInt(2) * GRAIN.toSeconds()));
        }
      }
    }
    return uses;
  }

  /** The minute that a time lies in, as the table holds it. */
  public static int minute(Instant time) {
    return Math.clamp(
        Math.floorDiv(time.getEpochSecond(), GRAIN.toSeconds()), 0, Integer.MAX_VALUE);
  }
}
