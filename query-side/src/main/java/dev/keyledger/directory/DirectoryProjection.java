package dev.keyledger.directory;

import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Plan;
import dev.keyledger.events.RotationCompleted;
import dev.keyledger.events.SecretRetired;
import dev.keyledger.events.Secrets;
import dev.keyledger.events.WorkspaceEvent;
import dev.keyledger.log.ArrayParameters;
import dev.keyledger.projection.Micros;
import dev.keyledger.projection.Projection;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One row for each key: the columns that lists filter and sort by, and the key as folded from its
 * events; and the number of keys of each kind ({@link KeyCounts}). No column changes with the
 * clock: each query computes statuses, plans included.
 */
public final class DirectoryProjection implements Projection {
  /** The name of the projection. */
  public static final String NAME = "directory";

  static final String EXPIRY = "directory_expiry";

  private static final List<Table> TABLES =
      List.of(
          new Table(NAME, "key_id"),
          new Table(EXPIRY, "key_id, from_position"),
          new Table(KeyCounts.TABLE, KeyCounts.KEY));

  /**
   * A key after the events so far.
   *
   * @param rotationCompleted whether the completion of its latest rotation is recorded
   */
  record Entry(KeyView view, long createdPosition, boolean rotationCompleted) {
    /** Returns whether a leak of one of its secrets was reported. */
    boolean isLeaked() {
      return !view.facts().secrets().leaked().isEmpty();
    }

    /**
     * Returns the end of the overlap, which may have passed, if its rotation is complete; otherwise
     * null.
     */
    @Nullable Instant closableUntil() {
      Secrets.Previous previous = view.facts().secrets().previous();
      return rotationCompleted && previous != null ? previous.overlapEndsAt() : null;
    }
  }

  /**
   * A change of a key's expiry, in force from its position on.
   *
   * @param expiresAt null: none
   * @param isFirst whether it is the first event of the key, before which there was no expiry
   */
  private record ExpiryChange(KeyView key, @Nullable Instant expiresAt, boolean isFirst) {}

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<Table> tables() {
    return TABLES;
  }

  @Override
  public void apply(Connection connection, TableSet tables, List<LoggedEvent> events)
      throws SQLException {
    Map<String, Entry> keys = load(connection, tables, events);
    Map<String, Entry> counted = Map.copyOf(keys);
    var changed = new LinkedHashMap<String, Entry>();
    var expiries = new ArrayList<ExpiryChange>();
    for (LoggedEvent event : events) {
      switch (event.event()) {
        case KeyEvent _ -> {
          String id = event.stream().id();
          Entry before = keys.get(id);
          if (before == null || before.view.position() < event.position()) {
            Entry after = after(before, event);
            addExpiryChange(before, after, expiries);
            keys.put(id, after);
            changed.put(id, after);
          }
        }
        case WorkspaceEvent _ -> {
          // Events of workspaces are not listed here.
        }
      }
    }
    write(connection, tables, changed);
    writeExpiries(connection, tables, expiries);
    KeyCounts.write(connection, tables, counted, changed);
  }

  private static Entry after(@Nullable Entry before, LoggedEvent event) {
    return before == null
        ? new Entry(KeyView.after(null, event), event.position(), false)
        : new Entry(
            KeyView.after(before.view, event),
            before.createdPosition,
            isRotationCompleted(before, event.event()));
  }

  private static boolean isRotationCompleted(Entry before, LedgerEvent event) {
    return event instanceof RotationCompleted
        || (before.rotationCompleted
            && !(event instanceof KeyRotated || event instanceof SecretRetired));
  }

  private static void addExpiryChange(
      @Nullable Entry before, Entry after, List<ExpiryChange> expiries) {
    Instant old = before == null ? null : expiryOf(before.view);
    Instant now = expiryOf(after.view);
    if (!Objects.equals(old, now)) {
      expiries.add(new ExpiryChange(after.view, now, before == null));
    }
  }

  private static @Nullable Instant expiryOf(KeyView key) {
    return key.facts().validity().expiresAt();
  }

  private static Map<String, Entry> load(
      Connection connection, TableSet tables, List<LoggedEvent> events) throws SQLException {
    String[] ids =
        events.stream().map(event -> event.stream().id()).distinct().toArray(String[]::new);
    var keys = new HashMap<String, Entry>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            "SELECT key_id, created_position, view, closable_until_micros FROM %s WHERE key_id = ANY (?)"
                .formatted(tables.nameOf(NAME)))) {
      statement.setArray(1, connection.createArrayOf("text", ids));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          keys.put(
              row.getString(1),
              new Entry(StoredKey.read(row.getBytes(3)), row.getLong(2), row.getObject(4) != null));
        }
      }
    }
    return keys;
  }

  private static void write(Connection connection, TableSet tables, Map<String, Entry> changed)
      throws SQLException {
    String table = tables.nameOf(NAME);
    var entries = List.copyOf(changed.values());
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO %s AS old (
              position, owner_type, owner_id, state, planned_state, planned_micros,
              not_before_micros, expires_at_micros, permissions, name_folded, secret_hint, leaked,
              closable_until_micros, view,
              key_id, workspace, created_position, environment, issued_by_type, issued_by_id)
            SELECT position, owner_type, owner_id, state, planned_state, planned_micros,
              not_before_micros, expires_at_micros, string_to_array(permissions, ' '), name_folded,
              secret_hint, leaked, closable_until_micros, view,
              key_id, workspace, created_position, environment, issued_by_type, issued_by_id
            FROM unnest(?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[],
              ?::bigint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[]::boolean[],
              ?::bigint[], ?::bytea[],
              ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[]) AS new (
              position, owner_type, owner_id, state, planned_state, planned_micros,
              not_before_micros, expires_at_micros, permissions, name_folded, secret_hint, leaked,
              closable_until_micros, view,
              key_id, workspace, created_position, environment, issued_by_type, issued_by_id)
            ON CONFLICT (key_id) DO UPDATE SET (
              position, owner_type, owner_id, state, planned_state, planned_micros,
              not_before_micros, expires_at_micros, permissions, name_folded, secret_hint, leaked,
              closable_until_micros, view) = (
              excluded.position, excluded.owner_type, excluded.owner_id, excluded.state,
              excluded.planned_state, excluded.planned_micros, excluded.not_before_micros,
              excluded.expires_at_micros, excluded.permissions, excluded.name_folded,
              excluded.secret_hint, excluded.leaked, excluded.closable_until_micros, excluded.view)
            WHERE old.position < excluded.position
            """
                .formatted(table))) {
      new ArrayParameters(statement, 1)
          .longs(entries, entry -> entry.view.position())
          .texts(entries, entry -> entry.view.facts().owner().type().toString())
          .texts(entries, entry -> entry.view.facts().owner().id())
          .texts(entries, entry -> nameOf(entry.view.state()))
          .texts(entries, entry -> plannedState(entry.view))
          .longs(entries, entry -> plannedMicros(entry.view))
          .longs(entries, entry -> micros(entry.view.facts().validity().notBefore()))
          .longs(entries, entry -> micros(entry.view.facts().validity().expiresAt()))
          .texts(entries, entry -> String.join(" ", entry.view.facts().permissions()))
          .texts(entries, entry -> folded(entry.view.facts().name()))
          .texts(entries, entry -> entry.view.facts().secrets().current().hint())
          .texts(entries, entry -> Boolean.toString(entry.isLeaked()))
          .longs(entries, entry -> micros(entry.closableUntil()))
          .bytes(entries, entry -> StoredKey.write(entry.view))
          .texts(entries, entry -> entry.view.keyId().value())
          .texts(entries, entry -> entry.view.workspace())
          .longs(entries, Entry::createdPosition)
          .texts(entries, entry -> entry.view.facts().environment().toString())
          .texts(entries, entry -> entry.view.issuedBy().type().toString())
          .texts(entries, entry -> entry.view.issuedBy().id());
      statement.executeUpdate();
    }
  }

  /**
   * Writes changes of expiries. Each change ends the open one before it, which is among these
   * changes or in the table.
   */
  private static void writeExpiries(
      Connection connection, TableSet tables, List<ExpiryChange> changes) throws SQLException {
    var untilPositions = new HashMap<Long, Long>(); // by the position of the change that ends there
    var latest = new HashMap<KeyId, ExpiryChange>();
    var closing = new ArrayList<ExpiryChange>();
    for (ExpiryChange change : changes) {
      ExpiryChange before = latest.put(change.key.keyId(), change);
      if (before != null) {
        untilPositions.put(before.key.position(), change.key.position());
      } else if (!change.isFirst) {
        closing.add(change);
      }
    }
    close(connection, tables, closing);
    open(
        connection,
        tables,
        changes.stream().filter(change -> change.expiresAt != null).toList(),
        untilPositions);
  }

  private static void close(Connection connection, TableSet tables, List<ExpiryChange> changes)
      throws SQLException {
    if (changes.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            UPDATE %s AS old SET until_position = new.position
            FROM unnest(?::text[], ?::bigint[]) AS new (key_id, position)
            WHERE old.key_id = new.key_id AND old.from_position < new.position
              AND old.until_position IS NULL
            """
                .formatted(tables.nameOf(EXPIRY)))) {
      new ArrayParameters(statement, 1)
          .texts(changes, change -> change.key.keyId().value())
          .longs(changes, change -> change.key.position());
      statement.executeUpdate();
    }
  }

  private static void open(
      Connection connection,
      TableSet tables,
      List<ExpiryChange> changes,
      Map<Long, Long> untilPositions)
      throws SQLException {
    if (changes.isEmpty()) {
      return;
    }
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO %s (key_id, workspace, expires_at_micros, from_position, until_position)
            SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::bigint[])
            ON CONFLICT DO NOTHING
            """
                .formatted(tables.nameOf(EXPIRY)))) {
      new ArrayParameters(statement, 1)
          .texts(changes, change -> change.key.keyId().value())
          .texts(changes, change -> change.key.workspace())
          .longs(changes, change -> micros(change.expiresAt))
          .longs(changes, change -> change.key.position())
          .longs(changes, change -> untilPositions.get(change.key.position()));
      statement.executeUpdate();
    }
  }

  /** Returns the state that a plan causes from its time on; null without a plan. */
  private static @Nullable String plannedState(KeyView key) {
    Plan plan = key.state().plan();
    return plan == null ? null : nameOf(key.state().at(plan.effectiveAt()));
  }

  private static @Nullable Long plannedMicros(KeyView key) {
    Plan plan = key.state().plan();
    return plan == null ? null : micros(plan.effectiveAt());
  }

  private static String nameOf(KeyState.Issued state) {
    return switch (state) {
      case KeyState.Active _ -> "active";
      case KeyState.Suspended _ -> "suspended";
      case KeyState.Revoked _ -> "revoked";
    };
  }

  private static @Nullable Long micros(@Nullable Instant time) {
    return time == null ? null : Micros.atOrAfter(time);
  }

  /**
   * Returns the normalised form of a text for searches. Drops NUL, which PostgreSQL's texts cannot
   * contain.
   */
  static String folded(String text) {
    return text.toLowerCase(Locale.ROOT).replace("\0", "");
  }
}
