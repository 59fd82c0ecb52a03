package dev.keyledger.directory;

import dev.keyledger.conditions.Permission;
import dev.keyledger.events.Actor;
import dev.keyledger.events.EventType;
import dev.keyledger.events.ExpiryApproaching;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyStatus;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Owner;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.log.KeySideRows;
import dev.keyledger.log.LastUse;
import dev.keyledger.log.LastUseTable;
import dev.keyledger.log.LogReader;
import dev.keyledger.pointintime.PointInTime;
import dev.keyledger.projection.Micros;
import dev.keyledger.projection.Page;
import dev.keyledger.projection.Projection.TableSet;
import dev.keyledger.projection.ProjectionDatabase;
import dev.keyledger.projection.WhereClause;
import dev.keyledger.projection.WhereClause.Condition;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Lists keys. Methods throw the exceptions of {@link ProjectionDatabase#ask}. Thread-safe. */
public final class Directory {
  private static final String KEYS = TableSet.LIVE.nameOf(DirectoryProjection.NAME);
  private static final String EXPIRIES = TableSet.LIVE.nameOf(DirectoryProjection.EXPIRY);

  /** The state of a key at a time: that of its events, or of a plan that is in effect by then. */
  private static final String STATE_AT =
      "(CASE WHEN planned_micros <= ? THEN planned_state ELSE state END)";

  /** The maximum number of keys that are examined for one page of keys that need attention. */
  static final int EXAMINED_MAX = 10_000;

  /** The number of weeks of a summary. */
  static final int SUMMARY_WEEKS = 53;

  /** The time without use after which a key is idle. */
  static final Duration IDLE_AFTER = Duration.ofDays(90);

  /** The maximum number of keys that are examined for one page of holders. */
  static final int HOLDERS_EXAMINED_MAX = 1_000;

  private static final int HOLDERS_READ_AT_ONCE = 200;

  private static final String ISSUERS =
      """
      WITH RECURSIVE issuers (height, view, issued_by_type, issued_by_id) AS (
        SELECT 1, view, issued_by_type, issued_by_id FROM %1$s WHERE key_id = ?
        UNION ALL
        SELECT height + 1, parent.view, parent.issued_by_type, parent.issued_by_id
        FROM issuers JOIN %1$s parent
          ON issuers.issued_by_type = 'operator' AND parent.key_id = issuers.issued_by_id
      )
      SELECT view FROM issuers ORDER BY height
      """
          .formatted(KEYS);

  private static final String DESCENDANTS =
      """
      WITH RECURSIVE descendants (depth, key_id, created_position) AS (
        SELECT 1, key_id, created_position FROM %1$s
        WHERE workspace = ? AND issued_by_type = 'operator' AND issued_by_id = ?
        UNION ALL
        SELECT depth + 1, child.key_id, child.created_position
        FROM descendants JOIN %1$s child
          ON child.workspace = ? AND child.issued_by_type = 'operator'
            AND child.issued_by_id = descendants.key_id
      )
      SELECT view, depth, page.created_position FROM (
        SELECT * FROM descendants WHERE (depth, created_position) > (?, ?)
        ORDER BY depth, created_position LIMIT ?
      ) page JOIN %1$s USING (key_id)
      ORDER BY depth, page.created_position
      """
          .formatted(KEYS);

  private final ProjectionDatabase database;
  private final DirectoryProjection projection;
  private final UseCounts uses = new UseCounts(this::countUses, System::nanoTime);

  public Directory(ProjectionDatabase database, DirectoryProjection projection) {
    this.database = database;
    this.projection = projection;
  }

  /**
   * A place in a traversal of the expiring keys, as they were when it began.
   *
   * @param asOfPosition the position of the log at that time
   * @param untilMicros the end of the range of expiries, exclusive
   * @param expiresAtMicros the expiry of the last returned key
   * @param keyId the id of the last returned key
   * @param inUse the place if the keys in use come first; null if they do not
   */
  public record ExpiringCursor(
      long asOfPosition,
      long untilMicros,
      long expiresAtMicros,
      String keyId,
      @Nullable InUse inUse) {}

  /**
   * The place in a traversal that begins with the keys in use.
   *
   * @param atSeconds the moment at which the keys count as in use, since 1970
   * @param among whether the last returned key was one of them
   */
  public record InUse(double atSeconds, boolean among) {}

  /**
   * A reminder of a key's expiry that was sent.
   *
   * @param offset the time from the reminder to the expiry
   */
  public record SentReminder(Duration offset, Instant time) {}

  private record Row(KeyView key, long createdPosition) {}

  private record ExpiringRow(KeyView key, ExpiringCursor cursor) {}

  /**
   * Returns the keys of a workspace, newest first.
   *
   * @param before only keys that were created before this position; null: all
   * @param limit the maximum number of keys of a page, 1 or more
   * @param now the time for which a status is computed
   */
  public Page<KeyView, Long> keys(
      String workspace, DirectoryFilter filter, @Nullable Long before, int limit, Instant now) {
    return database.ask(
        projection,
        (connection, position) -> {
          WhereClause conditions =
              conditionsOf(workspace, filter, now).andIfGiven("created_position < ?", before);
          if (filter.unusedSince() != null) {
            addUnused(conditions, filter.unusedSince(), connection, "directory");
          }
          var rows = new ArrayList<Row>();
          try (PreparedStatement statement =
                  conditions.prepare(
                      connection,
                      "SELECT view, created_position FROM " + KEYS,
                      " ORDER BY created_position DESC LIMIT " + (limit + 1));
              ResultSet row = statement.executeQuery()) {
            while (row.next()) {
              rows.add(new Row(StoredKey.read(row.getBytes(1)), row.getLong(2)));
            }
          }
          return Page.of(rows, limit, Row::createdPosition, position).map(Row::key);
        });
  }

  /**
   * Returns the keys of a workspace that need attention, newest first. A page may have fewer keys
   * than the limit, or none, and still name a next one: at most {@link #EXAMINED_MAX} keys are
   * examined for it.
   *
   * @param before only keys that were created before this position; null: all
   * @param limit the maximum number of keys of a page, 1 or more
   * @param now the time of the query
   */
  public Page<KeyView, Long> keysThatNeed(
      AttentionReason attention,
      String workspace,
      DirectoryFilter filter,
      @Nullable Long before,
      int limit,
      Instant now) {
    return database.ask(
        projection,
        (connection, position) -> {
          WhereClause walked =
              new WhereClause()
                  .and("workspace = ?", workspace)
                  .andIfGiven("created_position < ?", before);
          addIndexed(walked, attention);
          var inner =
              new WhereClause.Query(
                  "SELECT * FROM " + KEYS,
                  walked,
                  " ORDER BY created_position DESC LIMIT " + EXAMINED_MAX);
          WhereClause conditions = conditionsOf(workspace, filter, now);
          addAttention(conditions, attention, now);
          if (filter.unusedSince() != null) {
            addUnused(conditions, filter.unusedSince(), connection, "rows");
          }
          var rows = new ArrayList<Row>();
          try (PreparedStatement statement =
                  conditions.prepareOver(
                      connection,
                      "SELECT view, created_position FROM ",
                      inner,
                      " ORDER BY created_position DESC LIMIT " + (limit + 1));
              ResultSet row = statement.executeQuery()) {
            while (row.next()) {
              rows.add(new Row(StoredKey.read(row.getBytes(1)), row.getLong(2)));
            }
          }
          Page<KeyView, Long> page =
              Page.of(rows, limit, Row::createdPosition, position).map(Row::key);
          return page.next() == null
              ? new Page<>(page.entries(), lastExamined(connection, walked), position)
              : page;
        });
  }

  /**
   * Returns the position of the creation of the last key of a walk; null if there is no further
   * one.
   */
  private static @Nullable Long lastExamined(Connection connection, WhereClause walked)
      throws SQLException {
    try (PreparedStatement statement =
            walked.prepare(
                connection,
                "SELECT created_position FROM " + KEYS,
                " ORDER BY created_position DESC LIMIT 1 OFFSET " + (EXAMINED_MAX - 1));
        ResultSet row = statement.executeQuery()) {
      return row.next() ? row.getLong(1) : null;
    }
  }

  /** Adds the condition of the partial index for a reason for attention, if it has one. */
  private static void addIndexed(WhereClause conditions, AttentionReason attention) {
    switch (attention) {
      case LEAKED -> conditions.and("leaked");
      case CLOSABLE_OVERLAP -> conditions.and("closable_until_micros IS NOT NULL");
      case NO_EXPIRY -> conditions.and("expires_at_micros IS NULL").and("state <> 'revoked'");
      case EXPIRING_7D, EXPIRING_30D, NEVER_USED, IDLE_90D -> {
        // These change with the clock, or are not in the directory.
      }
    }
  }

  private static void addAttention(WhereClause conditions, AttentionReason attention, Instant now) {
    switch (attention) {
      case LEAKED -> conditions.and("leaked");
      case CLOSABLE_OVERLAP ->
          addLiving(conditions, now).and("closable_until_micros > ?", Micros.atOrAfter(now));
      case NO_EXPIRY -> addLiving(conditions, now).and("expires_at_micros IS NULL");
      case EXPIRING_7D -> addExpiring(conditions, now, Duration.ofDays(7));
      case EXPIRING_30D -> addExpiring(conditions, now, Duration.ofDays(30));
      case NEVER_USED -> addLiving(conditions, now).and(lastUseOf("rows") + " IS NULL");
      case IDLE_90D ->
          addLiving(conditions, now)
              .and(lastUseOf("rows") + " < ?", LastUseTable.minute(now.minus(IDLE_AFTER)));
    }
  }

  /** Adds the condition that a key is neither revoked nor expired. */
  private static WhereClause addLiving(WhereClause conditions, Instant now) {
    long nowMicros = Micros.atOrAfter(now);
    return conditions
        .and(STATE_AT + " <> 'revoked'", nowMicros)
        .and("expires_at_micros IS NULL OR expires_at_micros > ?", nowMicros);
  }

  private static void addExpiring(WhereClause conditions, Instant now, Duration within) {
    conditions
        .and("state <> 'revoked'")
        .and("planned_state IS DISTINCT FROM 'revoked' OR planned_micros > expires_at_micros")
        .and("expires_at_micros > ?", Micros.atOrAfter(now))
        .and("expires_at_micros < ?", Micros.atOrAfter(now.plus(within)));
  }

  /** Returns SQL for the minute of the last use of a key; one lookup for each key. */
  private static String lastUseOf(String keys) {
    return "(SELECT used.minute FROM log.key_last_use used WHERE used.key_id = %s.key_id)"
        .formatted(keys);
  }

  /**
   * Returns the numbers of keys in a workspace. Reads some rows for each day on which keys expire,
   * and the minutes of three days. Keys that are never used or idle are counted by {@link
   * UseCounts}: their numbers may be older than the others, and are missing if counting them takes
   * longer than {@link ProjectionDatabase#LIST_TIME_MAX}.
   *
   * @param at the beginning of a minute: the time for which statuses and reasons are counted
   * @param firstWeek the beginning of the first week
   */
  public KeySummary summary(String workspace, Instant at, Instant firstWeek) {
    KeySummary summary =
        database.ask(
            projection,
            (connection, position) ->
                KeyCounts.read(connection, workspace, at, firstWeek, SUMMARY_WEEKS, position));
    return summary.and(uses.of(workspace, at));
  }

  /** Counts the keys that are never used or idle, by a scan of all keys. */
  private Map<AttentionReason, Long> countUses(String workspace, Instant at) {
    return database.ask(
        projection,
        (connection, _) -> {
          WhereClause conditions = addLiving(new WhereClause().and("workspace = ?", workspace), at);
          try (PreparedStatement statement =
                  conditions.prepare(
                      connection,
                      """
                      SELECT count(*) FILTER (WHERE used.minute IS NULL),
                        count(*) FILTER (WHERE used.minute < %d)
                      FROM %s keys LEFT JOIN log.key_last_use used USING (key_id)\
                      """
                          .formatted(LastUseTable.minute(at.minus(IDLE_AFTER)), KEYS),
                      "");
              ResultSet row = statement.executeQuery()) {
            row.next();
            return Map.of(
                AttentionReason.NEVER_USED,
                row.getLong(1),
                AttentionReason.IDLE_90D,
                row.getLong(2));
          }
        });
  }

  /**
   * Returns the keys of a workspace that expire between now and a time and are not revoked, soonest
   * first.
   *
   * @param owners the owners; empty: any
   * @param until the end, exclusive; with a cursor, the end that the traversal began with is used
   * @param inUseFirst whether the keys that were in use when the traversal began come before the
   *     others
   * @param after the place after which the page begins; null: the beginning
   * @param limit the maximum number of keys of a page, 1 or more
   */
  public Page<KeyView, ExpiringCursor> expiring(
      String workspace,
      List<Owner> owners,
      Instant now,
      Instant until,
      boolean inUseFirst,
      @Nullable ExpiringCursor after,
      int limit) {
    return database.ask(
        projection,
        (connection, position) -> {
          var period =
              new ExpiringPeriod(
                  workspace,
                  owners,
                  after == null ? position : after.asOfPosition,
                  Micros.atOrAfter(now),
                  after == null ? Micros.atOrAfter(until) : after.untilMicros);
          List<ExpiringRow> rows =
              inUseFirst
                  ? inUseFirst(connection, period, after, limit)
                  : expiringRows(connection, period, after, null, limit);
          return Page.of(rows, limit, ExpiringRow::cursor, position).map(ExpiringRow::key);
        });
  }

  /** A period for keys that expire in it, as of a position. Times are exclusive. */
  private record ExpiringPeriod(
      String workspace, List<Owner> owners, long asOfPosition, long afterMicros, long untilMicros) {
    WhereClause conditions() {
      var conditions =
          new WhereClause()
              .and("e.workspace = ?", workspace)
              .and("e.from_position <= ?", asOfPosition)
              .and("e.until_position IS NULL OR e.until_position > ?", asOfPosition)
              .and("e.expires_at_micros > ?", afterMicros)
              .and("e.expires_at_micros < ?", untilMicros)
              .and(STATE_AT + " <> 'revoked'", afterMicros);
      return conditions.andAnyOf(ownedByAny("k.owner_type = ? AND k.owner_id = ?", owners));
    }
  }

  /** Returns up to one row more than the limit, as {@link #expiringRows} does. */
  private static List<ExpiringRow> inUseFirst(
      Connection connection, ExpiringPeriod period, @Nullable ExpiringCursor after, int limit)
      throws SQLException {
    InUse place = after == null ? null : after.inUse;
    double at = place == null ? settledSeconds(connection) : place.atSeconds;
    var rows = new ArrayList<ExpiringRow>();
    if (place == null || place.among) {
      rows.addAll(expiringRows(connection, period, after, new InUse(at, true), limit));
    }
    if (rows.size() <= limit) {
      ExpiringCursor afterOther = place == null || place.among ? null : after;
      rows.addAll(
          expiringRows(connection, period, afterOther, new InUse(at, false), limit - rows.size()));
    }
    return rows;
  }

  private static double settledSeconds(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT extract(epoch FROM clock_timestamp())::float8 - "
                    + LastUseTable.SETTLED.toSeconds());
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getDouble(1);
    }
  }

  /**
   * A key that had a permission.
   *
   * @param key as it was then
   * @param pattern the permission of the key that covers the requested one
   */
  public record Holding(KeyView key, Permission pattern) {}

  /**
   * A place in a list of the keys that had a permission.
   *
   * @param createdPosition the position of the creation of the last examined key
   * @param at the point in time of the query
   */
  public record HoldersCursor(long createdPosition, PointInTime at) {}

  private record HoldingRow(Holding holding, long createdPosition) {}

  /**
   * Returns the keys of a workspace that were active and had a permission, newest first. A page may
   * have fewer keys than the limit and still name a next one: at most {@link #HOLDERS_EXAMINED_MAX}
   * keys are examined for it.
   *
   * @param asked the permission, literal
   * @param at the point in time of the query; null: now
   * @param log reads keys that changed since
   * @param before only keys that were created before this position; null: all
   * @param limit the maximum number of keys of a page, 1 or more
   */
  public Page<Holding, HoldersCursor> holders(
      String workspace,
      Permission asked,
      @Nullable PointInTime at,
      Instant now,
      LogReader log,
      @Nullable Long before,
      int limit) {
    return database.ask(
        projection,
        (connection, position) -> {
          PointInTime point = at == null ? new PointInTime(position, now) : at;
          var found = new ArrayList<HoldingRow>();
          Long last = before;
          int examined = 0;
          boolean end = false;
          while (found.size() <= limit && examined < HOLDERS_EXAMINED_MAX && !end) {
            List<Row> candidates = mayHaveHeld(connection, workspace, asked, point, last);
            for (Row row : candidates) {
              holding(row, workspace, asked, point, log)
                  .ifPresent(holding -> found.add(new HoldingRow(holding, row.createdPosition)));
              last = row.createdPosition;
            }
            examined += candidates.size();
            end = candidates.size() < HOLDERS_READ_AT_ONCE;
          }
          boolean more = found.size() > limit;
          List<HoldingRow> rows = more ? found.subList(0, limit) : found;
          Long next = more ? Long.valueOf(rows.getLast().createdPosition) : end ? null : last;
          return new Page<>(
              rows.stream().map(HoldingRow::holding).toList(),
              next == null ? null : new HoldersCursor(next, point),
              position);
        });
  }

  private static List<Row> mayHaveHeld(
      Connection connection,
      String workspace,
      Permission asked,
      PointInTime at,
      @Nullable Long before)
      throws SQLException {
    WhereClause conditions =
        new WhereClause()
            .and("workspace = ?", workspace)
            .and("created_position <= ?", at.position())
            .andIfGiven("created_position < ?", before);
    asked
        .covering()
        .ifPresent(patterns ->
            conditions.and(
                // What a key has now it had then, unless its permissions were changed in between.
                "permissions && string_to_array(?, ' ') OR (position > ? AND EXISTS (SELECT FROM"
                    + " log.event WHERE stream_kind = 'key' AND stream_id = key_id"
                    + " AND event.position > ? AND type = ?))",
                patterns.stream().map(Permission::value).collect(Collectors.joining(" ")),
                at.position(),
                at.position(),
                EventType.of(PermissionsChanged.class).wireName()));
    var rows = new ArrayList<Row>();
    try (PreparedStatement statement =
            conditions.prepare(
                connection,
                "SELECT view, created_position FROM " + KEYS,
                " ORDER BY created_position DESC LIMIT " + HOLDERS_READ_AT_ONCE);
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        rows.add(new Row(StoredKey.read(row.getBytes(1)), row.getLong(2)));
      }
    }
    return rows;
  }

  private static Optional<Holding> holding(
      Row row, String workspace, Permission asked, PointInTime at, LogReader log) {
    Optional<KeyView> then =
        row.key.position() <= at.position()
            ? Optional.of(row.key)
            : log.keyAt(row.key.keyId(), workspace, at.position());
    return then.filter(key -> key.statusAt(at.time()) == KeyStatus.ACTIVE)
        .flatMap(key ->
            key.facts().permissions().stream()
                .map(Permission::new)
                .filter(held -> held.covers(asked))
                .findFirst()
                .map(pattern -> new Holding(key, pattern)));
  }

  /**
   * A key that descends from another one.
   *
   * @param depth the number of issuers between the two, plus one
   */
  public record Descendant(KeyView key, int depth) {}

  /** A place in a list of descendants. */
  public record DescendantCursor(int depth, long createdPosition) {}

  private record DescendantRow(Descendant descendant, DescendantCursor cursor) {}

  /**
   * Returns the issuer of a key, the issuer of that key, and so on, up to an actor that is not a
   * key.
   */
  public List<Actor> issuers(KeyView key) {
    return database.ask(
        projection,
        (connection, _) -> {
          var issuers = new ArrayList<>(List.of(key.issuedBy()));
          try (PreparedStatement statement = connection.prepareStatement(ISSUERS)) {
            statement.setString(1, key.issuedBy().id());
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                issuers.add(StoredKey.read(row.getBytes(1)).issuedBy());
              }
            }
          }
          return issuers;
        });
  }

  /**
   * Returns the keys that descend from a key by their issuers, parents first.
   *
   * @param after the place after which the page begins; null: the beginning
   * @param limit the maximum number of keys of a page, 1 or more
   */
  public Page<Descendant, DescendantCursor> descendants(
      KeyView key, @Nullable DescendantCursor after, int limit) {
    return database.ask(
        projection,
        (connection, position) -> {
          var rows = new ArrayList<DescendantRow>();
          try (PreparedStatement statement = connection.prepareStatement(DESCENDANTS)) {
            statement.setString(1, key.workspace());
            statement.setString(2, key.keyId().value());
            statement.setString(3, key.workspace());
            statement.setInt(4, after == null ? 0 : after.depth);
            statement.setLong(5, after == null ? 0 : after.createdPosition);
            statement.setInt(6, limit + 1);
            try (ResultSet row = statement.executeQuery()) {
              while (row.next()) {
                rows.add(
                    new DescendantRow(
                        new Descendant(StoredKey.read(row.getBytes(1)), row.getInt(2)),
                        new DescendantCursor(row.getInt(2), row.getLong(3))));
              }
            }
          }
          return Page.of(rows, limit, DescendantRow::cursor, position)
              .map(DescendantRow::descendant);
        });
  }

  /** Returns the reminders that were sent for the present expiry of these keys, oldest first. */
  public Map<KeyId, List<SentReminder>> remindersSent(List<KeyView> keys) {
    return database.ask(
        projection,
        (connection, _) -> {
          var recorded =
              KeySideRows.reminders(connection, keys.stream().map(KeyView::keyId).toList());
          var sent = new HashMap<KeyId, List<SentReminder>>();
          for (KeyView key : keys) {
            Instant expiresAt = key.facts().validity().expiresAt();
            sent.put(
                key.keyId(),
                recorded.getOrDefault(key.keyId(), List.of()).stream()
                    .filter(reminded -> reminded.reminder() instanceof ExpiryApproaching)
                    .filter(reminded -> reminded.reminder().expiresAt().equals(expiresAt))
                    .map(
                        reminded -> new SentReminder(reminded.reminder().offset(), reminded.time()))
                    .sorted(
                        Comparator.comparing(SentReminder::time)
                            .thenComparing(SentReminder::offset, Comparator.reverseOrder()))
                    .toList());
          }
          return sent;
        });
  }

  /** Returns the last uses of these keys, without keys that were never used. */
  public Map<KeyId, LastUse> lastUses(List<KeyView> keys) {
    return database.ask(
        projection,
        (connection, _) ->
            LastUseTable.read(connection, keys.stream().map(KeyView::keyId).toList()));
  }

  /**
   * Returns up to one row more than the limit.
   *
   * @param inUse the part to return of a list that begins with the keys in use; null: all keys
   */
  private static List<ExpiringRow> expiringRows(
      Connection connection,
      ExpiringPeriod period,
      @Nullable ExpiringCursor after,
      @Nullable InUse inUse,
      int limit)
      throws SQLException {
    WhereClause conditions = period.conditions();
    if (after != null) {
      conditions.and(
          "(e.expires_at_micros, e.key_id) > (?, ?)", after.expiresAtMicros, after.keyId);
    }
    if (inUse != null) {
      conditions.and(
          "(%s) IS %s".formatted(LastUseTable.WAS_IN_USE, inUse.among ? "TRUE" : "NOT TRUE"),
          inUse.atSeconds,
          inUse.atSeconds);
    }
    var rows = new ArrayList<ExpiringRow>();
    try (PreparedStatement statement =
            conditions.prepare(
                connection,
                "SELECT k.view, e.expires_at_micros, e.key_id FROM %s e JOIN %s k USING (key_id)%s"
                    .formatted(
                        EXPIRIES,
                        KEYS,
                        inUse == null ? "" : " LEFT JOIN log.key_last_use used USING (key_id)"),
                " ORDER BY e.expires_at_micros, e.key_id LIMIT " + (limit + 1));
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        rows.add(
            new ExpiringRow(
                StoredKey.read(row.getBytes(1)),
                new ExpiringCursor(
                    period.asOfPosition,
                    period.untilMicros,
                    row.getLong(2),
                    row.getString(3),
                    inUse)));
      }
    }
    return rows;
  }

  private static WhereClause conditionsOf(String workspace, DirectoryFilter filter, Instant now) {
    var conditions = new WhereClause().and("workspace = ?", workspace);
    conditions
        .andAnyOf(ownedByAny("owner_type = ? AND owner_id = ?", filter.owners()))
        .andAnyOf(filter.statuses().stream().map(status -> hasStatus(status, now)).toList())
        .andAnyOf(
            filter.permissions().stream()
                .map(permission -> new Condition("permissions @> ARRAY[?::text]", permission))
                .toList());
    if (filter.environment() != null) {
      conditions.and("environment = ?", filter.environment().toString());
    }
    if (filter.issuedByType() != null) {
      conditions
          .and("issued_by_type = ?", filter.issuedByType().toString())
          .andIfGiven("issued_by_id = ?", filter.issuedById());
    }
    if (filter.expiresBefore() != null) {
      conditions.and("expires_at_micros < ?", Micros.atOrAfter(filter.expiresBefore()));
    }
    if (filter.text() != null) {
      String folded = escaped(DirectoryProjection.folded(filter.text()));
      conditions.and(
          "name_folded LIKE ? OR lower(owner_id) LIKE ? OR key_id LIKE ? OR secret_hint = ?"
              + " OR right(secret_hint, 4) = ?",
          "%" + folded + "%",
          "%" + folded + "%",
          folded + "%",
          filter.text(),
          filter.text());
    }
    return conditions;
  }

  /** Selects the first status that applies, as {@link KeyView#statusAt} does. */
  private static Condition hasStatus(KeyStatus status, Instant now) {
    long nowMicros = Micros.atOrAfter(now);
    return switch (status) {
      case REVOKED -> new Condition(STATE_AT + " = 'revoked'", nowMicros);
      case SUSPENDED -> new Condition(STATE_AT + " = 'suspended'", nowMicros);
      case NOT_YET_ACTIVE ->
          new Condition(STATE_AT + " = 'active' AND not_before_micros > ?", nowMicros, nowMicros);
      case EXPIRED ->
          new Condition(
              STATE_AT
                  + " = 'active' AND expires_at_micros <= ?"
                  + " AND (not_before_micros IS NULL OR not_before_micros <= ?)",
              nowMicros,
              nowMicros,
              nowMicros);
      case ACTIVE ->
          new Condition(
              STATE_AT
                  + " = 'active' AND (not_before_micros IS NULL OR not_before_micros <= ?)"
                  + " AND (expires_at_micros IS NULL OR expires_at_micros > ?)",
              nowMicros,
              nowMicros,
              nowMicros);
    };
  }

  /**
   * @param condition with a question mark for the type and one for the id
   */
  private static List<Condition> ownedByAny(String condition, List<Owner> owners) {
    return owners.stream()
        .map(owner -> new Condition(condition, owner.type().toString(), owner.id()))
        .toList();
  }

  /**
   * Adds the condition that a key is unused since a time. A use in the minute of that time counts,
   * because it may have been after it.
   *
   * @param keys the name of the rows of keys
   */
  private static void addUnused(
      WhereClause conditions, Instant since, Connection connection, String keys)
      throws SQLException {
    conditions
        .and("created_position <= ?", LogReader.lastPositionBefore(connection, since))
        .and(
            "NOT EXISTS (SELECT FROM log.key_last_use used"
                + " WHERE used.key_id = "
                + keys
                + ".key_id AND used.minute >= ?)",
            LastUseTable.minute(since));
  }

  /** Escapes all characters that have a meaning in LIKE. */
  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_");
  }
}
