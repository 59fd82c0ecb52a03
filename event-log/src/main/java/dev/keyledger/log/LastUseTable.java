package dev.keyledger.log;

import dev.keyledger.events.KeyId;
import dev.keyledger.events.SecretUse;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The last use of each key and of its two newest secrets, to the minute: the latest uses that any
 * node has written. Not part of the log. Thread-safe.
 */
public final class LastUseTable {
  /** The unit to which times of use are rounded down. */
  public static final Duration GRAIN = Duration.ofMinutes(1);

  /** A key is in use if it was used within this time. */
  public static final Duration IN_USE = Duration.ofDays(30);

  /**
   * The time before now for which a list is certain which keys are in use: a use that is being
   * written is not visible yet, and its statement does not take that long.
   */
  public static final Duration SETTLED = Duration.ofSeconds(5);

  /**
   * A condition on a row {@code used}: the key was in use at a moment, as far as was known then.
   * The answer about a moment that has {@link #SETTLED} never changes. Both parameters are that
   * moment, in seconds since 1970.
   */
  public static final String WAS_IN_USE =
      """
      CASE WHEN used.known_since <= to_timestamp(?) THEN used.minute ELSE used.used_before END
        >= floor(? / 60) - %d
      """
          .formatted(IN_USE.toMinutes());

  /**
   * The update of a use. A use after a longer pause resets the record of a key. Uses of an unknown
   * generation (0) count as those of the secret before the first known one.
   */
  private static final String WRITE =
      """
      INSERT INTO log.key_last_use AS kept (key_id, minute, known_since, generation,
        first_minute, current_minute, previous_minute, advanced)
      SELECT key_id, minute, now(), generation, current_minute, current_minute, previous_minute,
        generation > 1
      FROM unnest(?::text[], ?::integer[], ?::integer[], ?::integer[], ?::integer[])
        AS used (key_id, minute, generation, current_minute, previous_minute)
      ON CONFLICT (key_id) DO UPDATE SET minute = greatest(kept.minute, excluded.minute),
        known_since = CASE
          WHEN kept.minute >= least(excluded.minute, floor(extract(epoch FROM now()) / 60) - %1$d)
          THEN kept.known_since ELSE now() END,
        used_before = CASE
          WHEN kept.minute >= least(excluded.minute, floor(extract(epoch FROM now()) / 60) - %1$d)
          THEN kept.used_before ELSE kept.minute END,
        generation = greatest(kept.generation, excluded.generation),
        first_minute = CASE WHEN excluded.generation > kept.generation
          THEN excluded.current_minute ELSE kept.first_minute END,
        current_minute = CASE
          WHEN excluded.generation > kept.generation THEN excluded.current_minute
          WHEN excluded.generation = kept.generation
          THEN greatest(kept.current_minute, excluded.current_minute)
          ELSE kept.current_minute END,
        previous_minute = CASE
          WHEN excluded.generation = kept.generation + 1
          THEN greatest(kept.current_minute, excluded.previous_minute)
          WHEN excluded.generation > kept.generation AND kept.generation = 0
          THEN greatest(kept.minute, excluded.previous_minute)
          WHEN excluded.generation > kept.generation THEN excluded.previous_minute
          WHEN excluded.generation = kept.generation
          THEN greatest(kept.previous_minute, excluded.previous_minute)
          WHEN excluded.generation = kept.generation - 1
          THEN greatest(kept.previous_minute, excluded.current_minute)
          ELSE kept.previous_minute END,
        advanced = kept.advanced
          OR (excluded.generation > kept.generation AND excluded.generation > 1)
      WHERE kept.minute < excluded.minute
        OR kept.generation < excluded.generation
        OR (kept.generation = excluded.generation
          AND (kept.current_minute < excluded.current_minute
            OR coalesce(kept.previous_minute, -1) < excluded.previous_minute))
        OR (kept.generation = excluded.generation + 1
          AND coalesce(kept.previous_minute, -1) < excluded.current_minute)
      """
          .formatted(IN_USE.toMinutes());

  private static final String READ =
      """
      SELECT key_id, minute, generation, first_minute, current_minute, previous_minute
      FROM log.key_last_use WHERE key_id = ANY (?)
      """;

  private final DataSource dataSource;

  public LastUseTable(LedgerDatabase database) {
    this(database.dataSource());
  }

  LastUseTable(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  /** The written row of one key. */
  private record Row(
      String keyId,
      int minute,
      int generation,
      int currentMinute,
      @Nullable Integer previousMinute) {
    static Row of(SecretUse use) {
      int minute = LastUseTable.minute(use.time());
      return new Row(use.keyId().value(), minute, use.generation(), minute, null);
    }

    Row and(Row other) {
      if (other.generation > generation) {
        return other.and(this);
      }
      int latest = Math.max(minute, other.minute);
      if (other.generation == generation) {
        return new Row(
            keyId,
            latest,
            generation,
            Math.max(currentMinute, other.currentMinute),
            previousMinute);
      }
      return new Row(
          keyId,
          latest,
          generation,
          currentMinute,
          other.generation == generation - 1
              ? Integer.valueOf(other.currentMinute)
              : previousMinute);
    }
  }

  /**
   * Writes uses. A secret that already has a later time keeps it.
   *
   * @param uses at most one for each secret
   * @throws StoreUnavailableException if the database cannot be reached
   */
  public void write(Collection<SecretUse> uses) {
    // All nodes lock rows in the same order, so that two that write the same keys cannot deadlock.
    var byKey = new TreeMap<String, Row>();
    uses.forEach(use -> byKey.merge(use.keyId().value(), Row.of(use), Row::and));
    List<Row> rows = List.copyOf(byKey.values());
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(WRITE)) {
      new ArrayParameters(statement, 1)
          .texts(rows, Row::keyId)
          .integers(rows, Row::minute)
          .integers(rows, Row::generation)
          .integers(rows, Row::currentMinute)
          .integers(rows, Row::previousMinute);
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot write last uses: " + e.getMessage(), e);
    }
  }

  /**
   * Returns the last uses of these keys, without keys that were never used.
   *
   * @throws StoreUnavailableException if the database cannot be reached
   */
  public Map<KeyId, LastUse> read(Collection<KeyId> keys) {
    try (Connection connection = dataSource.getConnection()) {
      return read(connection, keys);
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot read last uses: " + e.getMessage(), e);
    }
  }

  /** Reads as {@link #read(Collection)} does, within the caller's transaction. */
  public static Map<KeyId, LastUse> read(Connection connection, Collection<KeyId> keys)
      throws SQLException {
    var uses = new HashMap<KeyId, LastUse>();
    try (PreparedStatement statement = connection.prepareStatement(READ)) {
      statement.setArray(
          1, connection.createArrayOf("text", keys.stream().map(KeyId::value).toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          uses.put(
              new KeyId(row.getString("key_id")),
              new LastUse(
                  startOf(row.getInt("minute")),
                  row.getInt("generation"),
                  time(row, "first_minute"),
                  time(row, "current_minute"),
                  time(row, "previous_minute")));
        }
      }
    }
    return uses;
  }

  private static @Nullable Instant time(ResultSet row, String column) throws SQLException {
    int minute = row.getInt(column);
    return row.wasNull() ? null : startOf(minute);
  }

  private static Instant startOf(int minute) {
    return Instant.ofEpochSecond(minute * GRAIN.toSeconds());
  }

  /** Returns the minute that contains a time, as the table stores it. */
  public static int minute(Instant time) {
    return Math.clamp(
        Math.floorDiv(time.getEpochSecond(), GRAIN.toSeconds()), 0, Integer.MAX_VALUE);
  }
}
