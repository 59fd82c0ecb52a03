package dev.keyledger.audit;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.WorkspaceEvent;
import dev.keyledger.log.ArrayParameters;
import dev.keyledger.projection.Micros;
import dev.keyledger.projection.Projection;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One row for each event, with the columns that the audit filters by. The rest of an entry is read
 * from the log by position, so that erased data is shown nowhere.
 */
public final class AuditProjection implements Projection {
  /** The name of the projection. */
  public static final String NAME = "audit";

  private static final List<Table> TABLES = List.of(new Table(NAME, "position"));
  private static final Map<String, OwnerType> OWNER_TYPES =
      Arrays.stream(OwnerType.values())
          .collect(Collectors.toUnmodifiableMap(OwnerType::toString, Function.identity()));

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
    Map<String, Owner> owners = ownersBefore(connection, tables, events);
    var entries = new ArrayList<Entry>(events.size());
    for (LoggedEvent event : events) {
      switch (event.event()) {
        case KeyEvent fact -> {
          if (fact instanceof KeyEvent.NamesOwner named) {
            owners.put(event.stream().id(), named.owner());
          }
          Owner owner =
              requireNonNull(
                  owners.get(event.stream().id()),
                  () -> "position %d: the key has no owner yet".formatted(event.position()));
          entries.add(new Entry(event, owner));
        }
        case WorkspaceEvent _ -> entries.add(new Entry(event, null));
      }
    }
    write(connection, tables, entries);
  }

  /**
   * A row.
   *
   * @param owner the owner of the key after the event; null: it is about a workspace
   */
  private record Entry(LoggedEvent event, @Nullable Owner owner) {
    @Nullable String keyId() {
      return owner == null ? null : event.stream().id();
    }

    @Nullable String ownerType() {
      return owner == null ? null : owner.type().toString();
    }

    @Nullable String ownerId() {
      return owner == null ? null : owner.id();
    }
  }

  private static void write(Connection connection, TableSet tables, List<Entry> entries)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO %s (position, workspace, key_id, owner_type, owner_id, actor_type,
              actor_id, type, time_micros)
            SELECT * FROM unnest(?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[],
              ?::text[], ?::text[], ?::text[], ?::bigint[])
            ON CONFLICT (position) DO NOTHING
            """
                .formatted(tables.nameOf(NAME)))) {
      new ArrayParameters(statement, 1)
          .longs(entries, entry -> entry.event.position())
          .texts(entries, entry -> entry.event.workspace())
          .texts(entries, Entry::keyId)
          .texts(entries, Entry::ownerType)
          .texts(entries, Entry::ownerId)
          .texts(entries, entry -> entry.event.actor().type().toString())
          .texts(entries, entry -> entry.event.actor().id())
          .texts(entries, entry -> EventType.of(entry.event.event()).wireName())
          .longs(entries, entry -> Micros.atOrAfter(entry.event.time()));
      statement.executeUpdate();
    }
  }

  static Owner owner(String type, String id) {
    return new Owner(requireNonNull(OWNER_TYPES.get(type), "unknown type of owner"), id);
  }

  /** Returns the owners of the keys before these events, where the events do not name them. */
  private static Map<String, Owner> ownersBefore(
      Connection connection, TableSet tables, List<LoggedEvent> events) throws SQLException {
    String[] ids = keysWithUnknownOwners(events);
    var owners = new HashMap<String, Owner>();
    if (ids.length == 0) {
      return owners;
    }
    String table = tables.nameOf(NAME);
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT ids.key_id, latest.owner_type, latest.owner_id
            FROM unnest(?) AS ids(key_id), LATERAL (
              SELECT owner_type, owner_id FROM %s
              WHERE key_id = ids.key_id AND position < ?
              ORDER BY position DESC LIMIT 1) AS latest
            """
                .formatted(table))) {
      statement.setArray(1, connection.createArrayOf("text", ids));
      statement.setLong(2, events.getFirst().position());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          owners.put(row.getString(1), owner(row.getString(2), row.getString(3)));
        }
      }
    }
    return owners;
  }

  /** Returns the keys whose first event here does not name an owner. */
  private static String[] keysWithUnknownOwners(List<LoggedEvent> events) {
    var seen = new HashSet<String>();
    return events.stream()
        .filter(event -> seen.add(event.stream().id()))
        .filter(event -> isOfKeyWithoutOwner(event.event()))
        .map(event -> event.stream().id())
        .toArray(String[]::new);
  }

  private static boolean isOfKeyWithoutOwner(LedgerEvent event) {
    return event instanceof KeyEvent && !(event instanceof KeyEvent.NamesOwner);
  }
}
