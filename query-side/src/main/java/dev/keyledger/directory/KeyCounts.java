package dev.keyledger.directory;

import dev.keyledger.directory.DirectoryProjection.Entry;
import dev.keyledger.events.KeyStatus;
import dev.keyledger.log.ArrayParameters;
import dev.keyledger.projection.Projection.TableSet;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The number of keys of each kind at any time: table {@code read.directory_count}. A key is written
 * once for each time at which its kinds change, so that nothing is written when the clock advances.
 *
 * <p>Each change is written twice, for the day and for the minute: a number is the sum of the days
 * before a day and of the minutes of that day.
 */
final class KeyCounts {
  /** The length of a unit of time of the table. */
  private static final Duration BUCKET = Duration.ofSeconds(30);

  private static final long BUCKETS_PER_MINUTE = Duration.ofMinutes(1).dividedBy(BUCKET);
  private static final long BUCKETS_PER_DAY = Duration.ofDays(1).dividedBy(BUCKET);
  private static final long BUCKETS_PER_WEEK = 7 * BUCKETS_PER_DAY;

  /** The value for a time before all others. */
  private static final long ALWAYS = Long.MIN_VALUE;

  /** The reasons for attention that are counted as statuses are. */
  private static final List<AttentionReason> COUNTED =
      List.of(AttentionReason.CLOSABLE_OVERLAP, AttentionReason.NO_EXPIRY, AttentionReason.LEAKED);

  /** The table, without its schema. */
  static final String TABLE = "directory_count";

  /** The columns that identify its rows. */
  static final String KEY = "workspace, grain, bucket, kind";

  private static final String DAY = "day";
  private static final String MINUTE = "minute";

  /** The one kind that is not cumulative: the keys that expire at a time. */
  private static final String EXPIRIES = "expiries";

  private static final String ROWS = TableSet.LIVE.nameOf(TABLE);

  private static final String NUMBERS =
      """
      SELECT kind, sum(keys)::bigint FROM (
        SELECT kind, keys FROM %1$s WHERE workspace = ? AND grain = 'day' AND bucket < ?
        UNION ALL
        SELECT kind, keys FROM %1$s
        WHERE workspace = ? AND grain = 'minute' AND bucket >= ? AND bucket <= ?
      ) AS changes WHERE kind <> 'expiries' GROUP BY kind
      """
          .formatted(ROWS);

  private static final String EXPIRING =
      """
      SELECT coalesce(sum(keys), 0)::bigint FROM (
        SELECT kind, keys FROM %1$s
        WHERE workspace = ? AND grain = 'minute' AND bucket > ? AND bucket < ?
        UNION ALL
        SELECT kind, keys FROM %1$s
        WHERE workspace = ? AND grain = 'day' AND bucket >= ? AND bucket < ?
        UNION ALL
        SELECT kind, keys FROM %1$s
        WHERE workspace = ? AND grain = 'minute' AND bucket >= ? AND bucket < ?
      ) AS changes WHERE kind = 'expiries'
      """
          .formatted(ROWS);

  private static final String WEEKS =
      """
      SELECT (bucket - ?) / %d, sum(keys)::bigint FROM %s
      WHERE workspace = ? AND grain = 'day' AND bucket >= ? AND bucket < ? AND kind = 'expiries'
      GROUP BY 1
      """
          .formatted(BUCKETS_PER_WEEK, ROWS);

  /** A number of keys, at a time. */
  private record Change(String workspace, String grain, long bucket, String kind) {}

  private final Map<Change, Long> changes = new HashMap<>();

  private KeyCounts() {}

  /**
   * Writes the changes of counts after changes of keys.
   *
   * @param before the keys as counted so far, by id
   * @param after the keys that changed or are new, by id
   */
  static void write(
      Connection connection, TableSet tables, Map<String, Entry> before, Map<String, Entry> after)
      throws SQLException {
    var counts = new KeyCounts();
    after.forEach((id, entry) -> {
      Entry old = before.get(id);
      if (old != null) {
        counts.add(old, -1);
      }
      counts.add(entry, 1);
    });
    counts.write(connection, tables);
  }

  private void add(Entry key, int keys) {
    String workspace = key.view().workspace();
    Set<String> before = kindsAt(key, Instant.MIN);
    before.forEach(kind -> add(new Change(workspace, DAY, ALWAYS, kind), keys));
    for (Instant time : timesOfChange(key)) {
      Set<String> after = kindsAt(key, time);
      addAt(workspace, time, without(before, after), -keys);
      addAt(workspace, time, without(after, before), keys);
      before = after;
    }
    Instant expiresAt = key.view().state().remindedOf().expiresAt();
    if (expiresAt != null) {
      addAt(workspace, expiresAt, Set.of(EXPIRIES), keys);
    }
  }

  private void addAt(String workspace, Instant time, Set<String> kinds, int keys) {
    long bucket = bucketOf(time);
    for (String kind : kinds) {
      add(new Change(workspace, DAY, dayOf(bucket), kind), keys);
      add(new Change(workspace, MINUTE, bucket, kind), keys);
    }
  }

  private void add(Change change, int keys) {
    changes.merge(change, (long) keys, Long::sum);
  }

  private static Set<String> without(Set<String> kinds, Set<String> others) {
    var rest = new HashSet<String>(kinds);
    rest.removeAll(others);
    return rest;
  }

  private static Collection<Instant> timesOfChange(Entry key) {
    var times = new TreeSet<Instant>();
    var validity = key.view().facts().validity();
    var plan = key.view().state().plan();
    addIfGiven(times, validity.notBefore());
    addIfGiven(times, validity.expiresAt());
    addIfGiven(times, plan == null ? null : plan.effectiveAt());
    addIfGiven(times, key.closableUntil());
    return times;
  }

  private static void addIfGiven(Set<Instant> times, @Nullable Instant time) {
    if (time != null) {
      times.add(time);
    }
  }

  /**
   * Returns the status of a key at a time, and its reasons for attention that derive from the log.
   */
  private static Set<String> kindsAt(Entry key, Instant time) {
    var kinds = new HashSet<String>();
    KeyStatus status = key.view().statusAt(time);
    kinds.add(status.toString());
    if (key.isLeaked()) {
      kinds.add(AttentionReason.LEAKED.toString());
    }
    var validity = key.view().facts().validity();
    if (status != KeyStatus.REVOKED && !validity.isExpiredAt(time)) {
      if (validity.expiresAt() == null) {
        kinds.add(AttentionReason.NO_EXPIRY.toString());
      }
      Instant closableUntil = key.closableUntil();
      if (closableUntil != null && time.isBefore(closableUntil)) {
        kinds.add(AttentionReason.CLOSABLE_OVERLAP.toString());
      }
    }
    return kinds;
  }

  /** Returns twice the minute, plus one if the time is after its start. */
  private static long bucketOf(Instant time) {
    long minute = Math.floorDiv(time.getEpochSecond(), Duration.ofMinutes(1).toSeconds());
    boolean isWhole = time.equals(startOf(BUCKETS_PER_MINUTE * minute));
    return BUCKETS_PER_MINUTE * minute + (isWhole ? 0 : 1);
  }

  private static Instant startOf(long bucket) {
    return Instant.ofEpochSecond(bucket * BUCKET.toSeconds());
  }

  private static long dayOf(long bucket) {
    return Math.floorDiv(bucket, BUCKETS_PER_DAY) * BUCKETS_PER_DAY;
  }

  private void write(Connection connection, TableSet tables) throws SQLException {
    changes.values().removeIf(keys -> keys == 0);
    if (changes.isEmpty()) {
      return;
    }
    var rows = List.copyOf(changes.entrySet());
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            MERGE INTO %s AS old
            USING (
              SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[], ?::text[], ?::bigint[])
            ) AS new (workspace, grain, bucket, kind, keys)
            ON old.workspace = new.workspace AND old.grain = new.grain
              AND old.bucket = new.bucket AND old.kind = new.kind
            WHEN MATCHED AND old.keys + new.keys = 0 THEN DELETE
            WHEN MATCHED THEN UPDATE SET keys = old.keys + new.keys
            WHEN NOT MATCHED THEN INSERT (workspace, grain, bucket, kind, keys)
              VALUES (new.workspace, new.grain, new.bucket, new.kind, new.keys)
            """
                .formatted(tables.nameOf(TABLE)))) {
      new ArrayParameters(statement, 1)
          .texts(rows, row -> row.getKey().workspace)
          .texts(rows, row -> row.getKey().grain)
          .longs(rows, row -> row.getKey().bucket)
          .texts(rows, row -> row.getKey().kind)
          .longs(rows, Map.Entry::getValue);
      statement.executeUpdate();
    }
  }

  /**
   * Returns the numbers of a workspace at a time.
   *
   * @param at the beginning of a minute
   * @param firstWeek the beginning of a day
   * @param weeks the number of weeks of expiries to return
   * @return without reasons for attention that depend on last uses
   */
  static KeySummary read(
      Connection connection,
      String workspace,
      Instant at,
      Instant firstWeek,
      int weeks,
      long position)
      throws SQLException {
    Map<String, Long> numbers = numbers(connection, workspace, bucketOf(at));
    var byStatus = new EnumMap<KeyStatus, Long>(KeyStatus.class);
    for (KeyStatus status : KeyStatus.values()) {
      byStatus.put(status, numbers.getOrDefault(status.toString(), 0L));
    }
    var attention = new EnumMap<AttentionReason, Long>(AttentionReason.class);
    for (AttentionReason one : COUNTED) {
      attention.put(one, numbers.getOrDefault(one.toString(), 0L));
    }
    attention.put(AttentionReason.EXPIRING_7D, expiring(connection, workspace, bucketOf(at), 7));
    attention.put(AttentionReason.EXPIRING_30D, expiring(connection, workspace, bucketOf(at), 30));
    return new KeySummary(
        byStatus, attention, byWeek(connection, workspace, bucketOf(firstWeek), weeks), position);
  }

  private static Map<String, Long> numbers(Connection connection, String workspace, long bucket)
      throws SQLException {
    var numbers = new HashMap<String, Long>();
    try (PreparedStatement statement = connection.prepareStatement(NUMBERS)) {
      statement.setString(1, workspace);
      statement.setLong(2, dayOf(bucket));
      statement.setString(3, workspace);
      statement.setLong(4, dayOf(bucket));
      statement.setLong(5, bucket);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          numbers.put(row.getString(1), row.getLong(2));
        }
      }
    }
    return numbers;
  }

  private static long expiring(Connection connection, String workspace, long bucket, int days)
      throws SQLException {
    long end = bucket + days * BUCKETS_PER_DAY;
    try (PreparedStatement statement = connection.prepareStatement(EXPIRING)) {
      statement.setString(1, workspace);
      statement.setLong(2, bucket);
      statement.setLong(3, dayOf(bucket) + BUCKETS_PER_DAY);
      statement.setString(4, workspace);
      statement.setLong(5, dayOf(bucket) + BUCKETS_PER_DAY);
      statement.setLong(6, dayOf(end));
      statement.setString(7, workspace);
      statement.setLong(8, dayOf(end));
      statement.setLong(9, end);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  private static SortedMap<Instant, Long> byWeek(
      Connection connection, String workspace, long first, int weeks) throws SQLException {
    var expiries = new TreeMap<Instant, Long>();
    for (int week = 0; week < weeks; week++) {
      expiries.put(startOf(first + week * BUCKETS_PER_WEEK), 0L);
    }
    try (PreparedStatement statement = connection.prepareStatement(WEEKS)) {
      statement.setLong(1, first);
      statement.setString(2, workspace);
      statement.setLong(3, first);
      statement.setLong(4, first + weeks * BUCKETS_PER_WEEK);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          expiries.put(startOf(first + row.getLong(1) * BUCKETS_PER_WEEK), row.getLong(2));
        }
      }
    }
    return expiries;
  }
}
