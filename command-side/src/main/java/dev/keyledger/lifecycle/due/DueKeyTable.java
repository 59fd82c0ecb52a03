package dev.keyledger.lifecycle.due;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.toMap;

import dev.keyledger.events.KeyId;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ExaminedKey;
import dev.keyledger.log.ArrayParameters;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.StoreUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import javax.sql.DataSource;

/**
 * The list of due times in schema {@code schedule}; first uses are found in schema {@code log}. Any
 * number of nodes may use it at once: one of them applies a page of the log, and each row has the
 * last applied event of its key.
 *
 * <p>Every method throws {@link StoreUnavailableException} if the database cannot be reached.
 * Thread-safe.
 */
public final class DueKeyTable implements DueKeys {
  /** The schema of its tables. */
  public static final String SCHEMA = "schedule";

  /** The migrations of the schema, on the class path. */
  public static final String MIGRATIONS = "dev/keyledger/schedule/migration";

  private static final int PAGE = 1000;

  private static final String READ = "SELECT position, since FROM schedule.due_list";

  /**
   * The update that locks the row until the page is applied: of two nodes, the second one finds it
   * moved.
   */
  private static final String MOVE = "UPDATE schedule.due_list SET position = ? WHERE position = ?";

  /**
   * The insert or update of a row, with the due time after a change and whether the event is
   * already applied.
   */
  private static final String PUT =
      """
      INSERT INTO schedule.%1$s AS old (key_id, workspace, due_micros, position)
      SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[])
      ON CONFLICT (key_id) DO UPDATE SET due_micros = %2$s, position = excluded.position
      WHERE old.position %3$s excluded.position
      """;

  private static final String REMOVE =
      """
      DELETE FROM schedule.%s old
      USING unnest(?::text[], ?::bigint[]) AS known (key_id, position)
      WHERE old.key_id = known.key_id AND old.position <= known.position
      """;

  private static final String LATEST = "excluded.due_micros";
  private static final String PUT_REMINDER =
      PUT.formatted("key_due", "least(old.due_micros, excluded.due_micros)", "<");
  private static final String REMOVE_REMINDER = REMOVE.formatted("key_due");
  private static final String PUT_ROTATION = PUT.formatted("key_rotation", LATEST, "<");
  private static final String REMOVE_ROTATION = REMOVE.formatted("key_rotation");

  private static final String DUE =
      """
      SELECT key_id, workspace, due_micros, 0 FROM schedule.key_due
      WHERE due_micros <= ? AND key_id <> ALL (?)
      ORDER BY due_micros LIMIT ?
      """;

  /**
   * The query for due rotations, with the time from which reminders count: reminders are unknown
   * here.
   */
  private static final String DUE_ROTATIONS =
      """
      SELECT key_id, rotation.workspace, least(reminder.due_micros, ?::bigint), 0
      FROM schedule.key_rotation rotation LEFT JOIN schedule.key_due reminder USING (key_id)
      WHERE rotation.due_micros <= ? AND key_id <> ALL (?)
      ORDER BY rotation.due_micros LIMIT ?
      """;

  private static final String FIRST_USES =
      """
      SELECT used.key_id, first.workspace, least(reminder.due_micros, ?::bigint), used.generation
      FROM log.key_last_use used
      JOIN log.event first
        ON first.stream_kind = 'key' AND first.stream_id = used.key_id AND first.sequence = 0
      LEFT JOIN schedule.key_due reminder ON reminder.key_id = used.key_id
      WHERE used.advanced AND used.key_id <> ALL (?)
      LIMIT ?
      """;

  private static final String MOVE_REMINDER =
      """
      UPDATE schedule.key_due old SET due_micros = known.due_micros, position = known.position
      FROM unnest(?::text[], ?::bigint[], ?::bigint[]) AS known (key_id, due_micros, position)
      WHERE old.key_id = known.key_id AND old.position <= known.position
      """;

  /**
   * The insert or update of a rotation. The list may learn of the rotation after the first use:
   * then the row is new.
   */
  private static final String MOVE_ROTATION = PUT.formatted("key_rotation", LATEST, "<=");

  /** A secret that was used first meanwhile stays to be looked at. */
  private static final String LOOKED_AT =
      """
      UPDATE log.key_last_use used SET advanced = false
      FROM unnest(?::text[], ?::integer[]) AS known (key_id, generation)
      WHERE used.key_id = known.key_id AND used.generation = known.generation AND used.advanced
      """;

  private final DataSource dataSource;
  private final LogTail tail;

  /**
   * @param dataSource connections of the primary
   */
  public DueKeyTable(DataSource dataSource, LogTail tail) {
    this.dataSource = dataSource;
    this.tail = tail;
  }

  @Override
  public boolean catchUp() {
    try (Connection connection = dataSource.getConnection()) {
      long start;
      Instant since;
      try (PreparedStatement statement = connection.prepareStatement(READ);
          ResultSet row = statement.executeQuery()) {
        row.next();
        start = row.getLong(1);
        since = row.getObject(2, OffsetDateTime.class).toInstant();
      }
      List<LoggedEvent> events = tail.readAfter(connection, start, PAGE);
      if (!events.isEmpty()) {
        apply(connection, start, events, since);
      }
      return events.size() == PAGE;
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  private static void apply(
      Connection connection, long start, List<LoggedEvent> events, Instant since)
      throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement move = connection.prepareStatement(MOVE)) {
      move.setLong(1, events.getLast().position());
      move.setLong(2, start);
      if (move.executeUpdate() == 1) {
        write(
            connection,
            PUT_REMINDER,
            REMOVE_REMINDER,
            changes(events, event -> DueChange.of(event, since), DueChange::then));
        write(
            connection,
            PUT_ROTATION,
            REMOVE_ROTATION,
            changes(events, DueChange::ofRotation, (_, last) -> last));
      }
      connection.commit();
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /**
   * Returns one change of each key.
   *
   * @param merge joins a change with a later one of the same key
   */
  private static List<DueChange> changes(
      List<LoggedEvent> events,
      Function<LoggedEvent, Optional<DueChange>> change,
      BinaryOperator<DueChange> merge) {
    Map<KeyId, DueChange> changes = new LinkedHashMap<>();
    events.forEach(event ->
        change.apply(event).ifPresent(found -> changes.merge(found.keyId(), found, merge)));
    return List.copyOf(changes.values());
  }

  private static void write(
      Connection connection, String put, String remove, List<DueChange> changes)
      throws SQLException {
    put(
        connection,
        put,
        changes.stream()
            .filter(change -> change.dueAt() != null)
            .map(change ->
                new Row(
                    change.keyId(),
                    change.workspace(),
                    requireNonNull(change.dueAt()),
                    change.position()))
            .toList());
    remove(
        connection,
        remove,
        changes.stream().filter(change -> change.dueAt() == null).toList(),
        DueChange::keyId,
        DueChange::position);
  }

  /** A row of either table. */
  private record Row(KeyId keyId, String workspace, Instant dueAt, long position) {}

  private static void put(Connection connection, String sql, List<Row> rows) throws SQLException {
    if (!rows.isEmpty()) {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        new ArrayParameters(statement, 1)
            .texts(rows, row -> row.keyId.value())
            .texts(rows, Row::workspace)
            .longs(rows, row -> micros(row.dueAt))
            .longs(rows, Row::position);
        statement.executeUpdate();
      }
    }
  }

  private static <T> void remove(
      Connection connection,
      String sql,
      List<T> keys,
      Function<T, KeyId> keyId,
      Function<T, Long> position)
      throws SQLException {
    if (!keys.isEmpty()) {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        new ArrayParameters(statement, 1)
            .texts(keys, key -> keyId.apply(key).value())
            .longs(keys, key -> position.apply(key));
        statement.executeUpdate();
      }
    }
  }

  /**
   * Returns due keys, first uses before others, because the end of an overlap may wait for them.
   */
  @Override
  public List<DueKey> due(Instant now, int max, Set<KeyId> except) {
    var due = new LinkedHashMap<KeyId, DueKey>();
    long micros = micros(now);
    try (Connection connection = dataSource.getConnection()) {
      var left = connection.createArrayOf("text", except.stream().map(KeyId::value).toArray());
      try (PreparedStatement statement = connection.prepareStatement(FIRST_USES)) {
        statement.setLong(1, micros);
        statement.setArray(2, left);
        statement.setInt(3, max);
        add(due, statement, max);
      }
      try (PreparedStatement statement = connection.prepareStatement(DUE_ROTATIONS)) {
        statement.setLong(1, micros);
        statement.setLong(2, micros);
        statement.setArray(3, left);
        statement.setInt(4, max);
        add(due, statement, max);
      }
      try (PreparedStatement statement = connection.prepareStatement(DUE)) {
        statement.setLong(1, micros);
        statement.setArray(2, left);
        statement.setInt(3, max);
        add(due, statement, max);
      }
      return List.copyOf(due.values());
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  private static void add(Map<KeyId, DueKey> due, PreparedStatement statement, int max)
      throws SQLException {
    try (ResultSet row = statement.executeQuery()) {
      while (due.size() < max && row.next()) {
        var keyId = new KeyId(row.getString(1));
        due.putIfAbsent(
            keyId,
            new DueKey(
                keyId,
                row.getString(2),
                Instant.EPOCH.plus(row.getLong(3), ChronoUnit.MICROS),
                row.getInt(4)));
      }
    }
  }

  @Override
  public void move(List<DueKey> due, List<ExaminedKey> lookedAt) {
    Map<KeyId, DueKey> asked = due.stream().collect(toMap(DueKey::keyId, key -> key));
    try (Connection connection = dataSource.getConnection()) {
      moveReminders(connection, lookedAt);
      put(
          connection,
          MOVE_ROTATION,
          lookedAt.stream()
              .filter(key -> key.rotationDueAt() != null)
              .map(key ->
                  new Row(
                      key.keyId(),
                      requireNonNull(asked.get(key.keyId())).workspace(),
                      requireNonNull(key.rotationDueAt()),
                      key.position()))
              .toList());
      remove(
          connection,
          REMOVE_ROTATION,
          lookedAt.stream().filter(key -> key.rotationDueAt() == null).toList(),
          ExaminedKey::keyId,
          ExaminedKey::position);
      List<DueKey> usedFirst =
          lookedAt.stream()
              .map(key -> requireNonNull(asked.get(key.keyId())))
              .filter(key -> key.firstUseOf() > 0)
              .toList();
      if (!usedFirst.isEmpty()) {
        try (PreparedStatement statement = connection.prepareStatement(LOOKED_AT)) {
          new ArrayParameters(statement, 1)
              .texts(usedFirst, key -> key.keyId().value())
              .integers(usedFirst, DueKey::firstUseOf);
          statement.executeUpdate();
        }
      }
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  private static void moveReminders(Connection connection, List<ExaminedKey> keys)
      throws SQLException {
    List<ExaminedKey> later = keys.stream().filter(key -> key.nextDueAt() != null).toList();
    if (!later.isEmpty()) {
      try (PreparedStatement statement = connection.prepareStatement(MOVE_REMINDER)) {
        new ArrayParameters(statement, 1)
            .texts(later, key -> key.keyId().value())
            .longs(later, key -> micros(requireNonNull(key.nextDueAt())))
            .longs(later, ExaminedKey::position);
        statement.executeUpdate();
      }
    }
    remove(
        connection,
        REMOVE_REMINDER,
        keys.stream().filter(key -> key.nextDueAt() == null).toList(),
        ExaminedKey::keyId,
        ExaminedKey::position);
  }

  /** Rounds down: a key may be examined within the microsecond before it is due, but not late. */
  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  private static StoreUnavailableException unavailable(SQLException e) {
    return new StoreUnavailableException("cannot use the list of due times: " + e.getMessage(), e);
  }
}
