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
 * The last use of each key, to the minute: the latest use that any node has written. Not part of
 * the log. Thread-safe.
 */
public final class LastUseTable {
  /** The unit to which times of use are rounded down. */
  public static final Duration GRAIN = Duration.ofMinutes(1);

  /** A key is in use if it was used within this time. */
  public static final Duration IN_USE = Duration.ofDays(30);

  /**
   * How long before now a list fixes which keys are in use: a use that is being written is not
   * visible yet, and its statement does not take that long.
   */
  public static final Duration SETTLED = Duration.ofSeconds(5);

  /**
   * Whether a row {@code used} was in use at a moment, as far as was known then. The answer about a
   * moment that has {@link #SETTLED} never changes. Both parameters are that moment, in seconds
   * since 1970.
   */
  public static final String WAS_IN_USE =
      """
      CASE WHEN used.known_since <= to_timestamp(?) THEN used.minute ELSE used.used_before END
        >= floor(? / 60) - %d
      """
          .formatted(IN_USE.toMinutes());

  /** A use after a longer pause begins anew what is known of a key. */
  private static final String WRITE =
      """
      INSERT INTO log.key_last_use AS kept (key_id, minute, known_since)
      SELECT key_id, minute, now() FROM unnest(?::text[], ?::integer[]) AS used (key_id, minute)
      ON CONFLICT (key_id) DO UPDATE SET minute = excluded.minute,
        known_since = CASE WHEN kept.minute >= floor(extract(epoch FROM now()) / 60) - %1$d
          THEN kept.known_since ELSE now() END,
        used_before = CASE WHEN kept.minute >= floor(extract(epoch FROM now()) / 60) - %1$d
          THEN kept.used_before ELSE kept.minute END
      WHERE kept.minute < excluded.minute
      """
          .formatted(IN_USE.toMinutes());

  private static final String READ =
      "SELECT key_id, minute FROM log.key_last_use WHERE key_id = ANY (?)";

  private final DataSource dataSource;

  public LastUseTable(LedgerDatabase database) {
    this(database.dataSource());
  }

  LastUseTable(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * Writes uses. A key that already has a later time keeps it.
   *
   * @param uses a time of use for each key
   * @throws StoreUnavailableException if the database cannot be reached
   */
  public void write(Map<KeyId, Instant> uses) {
    // All nodes lock rows in the same order, so that two that write the same keys cannot deadlock.
    var rows = new TreeMap<String, Integer>();
    uses.forEach((key, time) -> rows.put(key.value(), minute(time)));
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(WRITE)) {
      statement.setArray(1, connection.createArrayOf("text", rows.keySet().toArray()));
      statement.setArray(2, connection.createArrayOf("integer", rows.values().toArray()));
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot write last uses: " + e.getMessage(), e);
    }
  }

  /**
   * Returns the minutes in which these keys were last used, without keys that were never used.
   *
   * @throws StoreUnavailableException if the database cannot be reached
   */
  public Map<KeyId, Instant> read(Collection<KeyId> keys) {
    try (Connection connection = dataSource.getConnection()) {
      return read(connection, keys);
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot read last uses: " + e.getMessage(), e);
    }
  }

  /** Reads as {@link #read(Collection)} does, within the caller's transaction. */
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

  /** Returns the minute that contains a time, as the table stores it. */
  public static int minute(Instant time) {
    return Math.clamp(
        Math.floorDiv(time.getEpochSecond(), GRAIN.toSeconds()), 0, Integer.MAX_VALUE);
  }
}
