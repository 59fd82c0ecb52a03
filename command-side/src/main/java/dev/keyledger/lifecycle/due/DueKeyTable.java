package dev.keyledger.lifecycle.due;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.KeyId;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.LookedAt;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;

/**
 * The list of due times in schema {@code schedule}. Any number of nodes may use it at once: a page
 * of the log is taken in by one of them, and each row tells up to which event of its key it is
 * known.
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

  /** Locks the row until the page is taken in: of two nodes, the second one finds it moved. */
  private static final String MOVE = "UPDATE schedule.due_list SET position = ? WHERE position = ?";

  private static final String PUT =
      """
      INSERT INTO schedule.key_due AS old (key_id, workspace, due_micros, position)
      SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[])
      ON CONFLICT (key_id) DO UPDATE
      SET due_micros = least(old.due_micros, excluded.due_micros), position = excluded.position
      WHERE old.position < excluded.position
      """;

  private static final String REMOVE =
      """
      DELETE FROM schedule.key_due old
      USING unnest(?::text[], ?::bigint[]) AS known (key_id, position)
      WHERE old.key_id = known.key_id AND old.position <= known.position
      """;

  private static final String DUE =
      """
      SELECT key_id, workspace, due_micros FROM schedule.key_due
      WHERE due_micros <= ? AND key_id <> ALL (?)
      ORDER BY due_micros LIMIT ?
      """;

  private static final String MOVE_ON =
      """
      UPDATE schedule.key_due old SET due_micros = known.due_micros, position = known.position
      FROM unnest(?::text[], ?::bigint[], ?::bigint[]) AS known (key_id, due_micros, position)
      WHERE old.key_id = known.key_id AND old.position <= known.position
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
        takeIn(connection, start, events, since);
      }
      return events.size() == PAGE;
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  private static void takeIn(
      Connection connection, long start, List<LoggedEvent> events, Instant since)
      throws SQLException {
    connection.setAutoCommit(false);
    try (PreparedStatement move = connection.prepareStatement(MOVE)) {
      move.setLong(1, events.getLast().position());
      move.setLong(2, start);
      if (move.executeUpdate() == 1) {
        write(connection, changes(events, since));
      }
      connection.commit();
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /** Returns one change of each key. */
  private static List<DueChange> changes(List<LoggedEvent> events, Instant since) {
    Map<KeyId, DueChange> changes = new LinkedHashMap<>();
    events.forEach(event ->
        DueChange.of(event, since)
            .ifPresent(change -> changes.merge(change.keyId(), change, DueChange::then)));
    return List.copyOf(changes.values());
  }

  private static void write(Connection connection, List<DueChange> changes) throws SQLException {
    List<DueChange> due = changes.stream().filter(change -> change.dueAt() != null).toList();
    if (!due.isEmpty()) {
      try (PreparedStatement statement = connection.prepareStatement(PUT)) {
        new ArrayParameters(statement, 1)
            .texts(due, change -> change.keyId().value())
            .texts(due, DueChange::workspace)
            .longs(due, change -> micros(requireNonNull(change.dueAt())))
            .longs(due, DueChange::position);
        statement.executeUpdate();
      }
    }
    List<DueChange> never = changes.stream().filter(change -> change.dueAt() == null).toList();
    if (!never.isEmpty()) {
      try (PreparedStatement statement = connection.prepareStatement(REMOVE)) {
        new ArrayParameters(statement, 1)
            .texts(never, change -> change.keyId().value())
            .longs(never, DueChange::position);
        statement.executeUpdate();
      }
    }
  }

  @Override
  public List<DueKey> due(Instant now, int max, Set<KeyId> except) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(DUE)) {
      statement.setLong(1, micros(now));
      statement.setArray(
          2, connection.createArrayOf("text", except.stream().map(KeyId::value).toArray()));
      statement.setInt(3, max);
      var due = new ArrayList<DueKey>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          due.add(
              new DueKey(
                  new KeyId(row.getString(1)),
                  row.getString(2),
                  Instant.EPOCH.plus(row.getLong(3), ChronoUnit.MICROS)));
        }
      }
      return due;
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  @Override
  public void move(List<LookedAt> keys) {
    List<LookedAt> later = keys.stream().filter(key -> key.nextDueAt() != null).toList();
    List<LookedAt> never = keys.stream().filter(key -> key.nextDueAt() == null).toList();
    try (Connection connection = dataSource.getConnection()) {
      if (!later.isEmpty()) {
        try (PreparedStatement statement = connection.prepareStatement(MOVE_ON)) {
          new ArrayParameters(statement, 1)
              .texts(later, key -> key.keyId().value())
              .longs(later, key -> micros(requireNonNull(key.nextDueAt())))
              .longs(later, LookedAt::position);
          statement.executeUpdate();
        }
      }
      if (!never.isEmpty()) {
        try (PreparedStatement statement = connection.prepareStatement(REMOVE)) {
          new ArrayParameters(statement, 1)
              .texts(never, key -> key.keyId().value())
              .longs(never, LookedAt::position);
          statement.executeUpdate();
        }
      }
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  /** Rounds down: a key may be looked at within the microsecond before it is due, but not late. */
  private static long micros(Instant time) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, time);
  }

  private static StoreUnavailableException unavailable(SQLException e) {
    return new StoreUnavailableException("cannot use the list of due times: " + e.getMessage(), e);
  }
}
