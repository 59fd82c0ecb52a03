package dev.keyledger.directory;

import dev.keyledger.events.Actor;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyFacts;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.WorkspaceEvent;
import dev.keyledger.projection.Micros;
import dev.keyledger.projection.Projection;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
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
 * One row for each key: what lists filter and sort by, and the key as its events add up. What the
 * clock changes is no column: a status is computed by whoever asks.
 */
public final class DirectoryProjection implements Projection {
  /** Its name. */
  public static final String NAME = "directory";

  static final String EXPIRY = "directory_expiry";

  private static final List<Table> TABLES =
      List.of(new Table(NAME, "key_id"), new Table(EXPIRY, "key_id, from_position"));

  /** A key as it stands after the events so far. */
  private record Entry(KeyView view, long createdPosition) {}

  /** A key had another expiry from that position on; null: none. */
  private record ExpiryChange(KeyView key, @Nullable Instant expiresAt) {}

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
    var changed = new LinkedHashMap<String, Entry>();
    var expiries = new ArrayList<ExpiryChange>();
    for (LoggedEvent event : events) {
      switch (event.event()) {
        case KeyEvent _ -> {
          String id = event.stream().id();
          Entry before = keys.get(id);
          if (before == null || before.view.position() < event.position()) {
            Entry after = after(before, event);
            noteExpiry(before, after, expiries);
            keys.put(id, after);
            changed.put(id, after);
          }
        }
        case WorkspaceEvent _ -> {
          // A workspace is no key: nothing of it is listed here.
        }
      }
    }
    write(connection, tables, changed);
    writeExpiries(connection, tables, expiries);
  }

  private static Entry after(@Nullable Entry before, LoggedEvent event) {
    return before == null
        ? new Entry(KeyView.after(null, event), event.position())
        : new Entry(KeyView.after(before.view, event), before.createdPosition);
  }

  private static void noteExpiry(@Nullable Entry before, Entry after, List<ExpiryChange> expiries) {
    Instant old = before == null ? null : expiryOf(before.view);
    Instant now = expiryOf(after.view);
    if (!Objects.equals(old, now)) {
      expiries.add(new ExpiryChange(after.view, now));
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
            "SELECT key_id, created_position, view FROM %s WHERE key_id = ANY (?)"
                .formatted(tables.nameOf(NAME)))) {
      statement.setArray(1, connection.createArrayOf("text", ids));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          keys.put(row.getString(1), new Entry(StoredKey.read(row.getBytes(3)), row.getLong(2)));
        }
      }
    }
    return keys;
  }

  private static void write(Connection connection, TableSet tables, Map<String, Entry> changed)
      throws SQLException {
    String table = tables.nameOf(NAME);
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO %s AS old (
              position, owner_type, owner_id, state, not_before_micros, expires_at_micros,
              permissions, name_folded, view,
              key_id, workspace, created_position, environment, issued_by_type, issued_by_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (key_id) DO UPDATE SET (
              position, owner_type, owner_id, state, not_before_micros, expires_at_micros,
              permissions, name_folded, view) = (
              excluded.position, excluded.owner_type, excluded.owner_id, excluded.state,
              excluded.not_before_micros, excluded.expires_at_micros, excluded.permissions,
              excluded.name_folded, excluded.view)
            WHERE old.position < excluded.position
            """
                .formatted(table))) {
      for (Entry entry : changed.values()) {
        set(connection, statement, entry);
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  private static void set(Connection connection, PreparedStatement row, Entry entry)
      throws SQLException {
    KeyView key = entry.view;
    KeyFacts facts = key.facts();
    Owner owner = facts.owner();
    Actor issuedBy = key.issuedBy();
    row.setLong(1, key.position());
    row.setString(2, owner.type().toString());
    row.setString(3, owner.id());
    row.setString(4, stateOf(key));
    setMicros(row, 5, facts.validity().notBefore());
    setMicros(row, 6, facts.validity().expiresAt());
    row.setArray(7, connection.createArrayOf("text", facts.permissions().toArray()));
    row.setString(8, folded(facts.name()));
    row.setBytes(9, StoredKey.write(key));
    row.setString(10, key.keyId().value());
    row.setString(11, key.workspace());
    row.setLong(12, entry.createdPosition);
    row.setString(13, facts.environment().toString());
    row.setString(14, issuedBy.type().toString());
    row.setString(15, issuedBy.id());
  }

  /** Inserts first: each change then closes what was open before it, in order. */
  private static void writeExpiries(
      Connection connection, TableSet tables, List<ExpiryChange> changes) throws SQLException {
    String table = tables.nameOf(EXPIRY);
    try (PreparedStatement open =
            connection.prepareStatement(
                """
                INSERT INTO %s (key_id, workspace, expires_at_micros, from_position)
                VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
                """
                    .formatted(table));
        PreparedStatement close =
            connection.prepareStatement(
                """
                UPDATE %s SET until_position = ?
                WHERE key_id = ? AND from_position < ? AND until_position IS NULL
                """
                    .formatted(table))) {
      for (ExpiryChange change : changes) {
        KeyView key = change.key;
        if (change.expiresAt != null) {
          open.setString(1, key.keyId().value());
          open.setString(2, key.workspace());
          open.setLong(3, Micros.atOrAfter(change.expiresAt));
          open.setLong(4, key.position());
          open.addBatch();
        }
        close.setLong(1, key.position());
        close.setString(2, key.keyId().value());
        close.setLong(3, key.position());
        close.addBatch();
      }
      open.executeBatch();
      close.executeBatch();
    }
  }

  private static String stateOf(KeyView key) {
    return switch (key.state()) {
      case KeyState.Active _ -> "active";
      case KeyState.Suspended _ -> "suspended";
      case KeyState.Revoked _ -> "revoked";
    };
  }

  private static void setMicros(PreparedStatement row, int index, @Nullable Instant time)
      throws SQLException {
    if (time == null) {
      row.setNull(index, Types.BIGINT);
    } else {
      row.setLong(index, Micros.atOrAfter(time));
    }
  }

  /** A name as it is searched. NUL, which no text of PostgreSQL holds, is left out. */
  static String folded(String name) {
    return name.toLowerCase(Locale.ROOT).replace("\0", "");
  }
}
