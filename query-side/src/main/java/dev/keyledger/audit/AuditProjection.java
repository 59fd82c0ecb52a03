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
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One row for each event, with the columns that the audit filters by, and the number of commands of
 * each day. The rest of an entry is read from the log by position, so that erased data is shown
 * nowhere.
 */
public final class AuditProjection implements Projection {
  /** The name of the projection. */
  public static final String NAME = "audit";

  static final String DAYS = "audit_day";

  private static final List<Table> TABLES =
      List.of(new Table(NAME, "position"), new Table(DAYS, "workspace, day"));
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
    Map<String, String> requests = requestsBefore(connection, tables, events);
    Set<Long> added = write(connection, tables, entries);
    writeDays(connection, tables, commandsOf(events, requests, added));
  }

  /**
   * A row.
   *
   * @param owner the owner of the key after the event; null: an event of a workspace
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

  /** Returns the positions of the rows that were not there yet. */
  private static Set<Long> write(Connection connection, TableSet tables, List<Entry> entries)
      throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO %s (position, workspace, key_id, owner_type, owner_id, actor_type,
              actor_id, type, time_micros)
            SELECT * FROM unnest(?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[],
              ?::text[], ?::text[], ?::text[], ?::bigint[])
            ON CONFLICT (position) DO NOTHING
            RETURNING position
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
      var added = new HashSet<Long>();
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          added.add(row.getLong(1));
        }
      }
      return added;
    }
  }

  private record WorkspaceDay(String workspace, LocalDate day) {}

  /**
   * Returns the number of commands that begin with these events, by day: an event begins one if the
   * previous event of its workspace has another request id.
   *
   * @param requests the request id of the last event of each workspace before these; updated
   * @param added the positions of the events that are not counted yet
   */
  private static Map<WorkspaceDay, Long> commandsOf(
      List<LoggedEvent> events, Map<String, String> requests, Set<Long> added) {
    var commands = new HashMap<WorkspaceDay, Long>();
    for (LoggedEvent event : events) {
      String before = requests.put(event.workspace(), event.requestId());
      if (!event.requestId().equals(before) && added.contains(event.position())) {
        var day =
            new WorkspaceDay(event.workspace(), LocalDate.ofInstant(event.time(), ZoneOffset.UTC));
        commands.merge(day, 1L, Long::sum);
      }
    }
    return commands;
  }

  private static void writeDays(
      Connection connection, TableSet tables, Map<WorkspaceDay, Long> commands)
      throws SQLException {
    var days = List.copyOf(commands.entrySet());
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            INSERT INTO %s AS old (workspace, day, commands)
            SELECT * FROM unnest(?::text[], ?::text[]::date[], ?::bigint[])
            ON CONFLICT (workspace, day) DO UPDATE SET commands = old.commands + excluded.commands
            """
                .formatted(tables.nameOf(DAYS)))) {
      new ArrayParameters(statement, 1)
          .texts(days, day -> day.getKey().workspace)
          .texts(days, day -> day.getKey().day.toString())
          .longs(days, Map.Entry::getValue);
      statement.executeUpdate();
    }
  }

  /** Returns the request id of the last event before these, for each of their workspaces. */
  private static Map<String, String> requestsBefore(
      Connection connection, TableSet tables, List<LoggedEvent> events) throws SQLException {
    var requests = new HashMap<String, String>();
    try (PreparedStatement statement =
        connection.prepareStatement(
            """
            SELECT latest.workspace, request_id
            FROM unnest(?) AS names(workspace), LATERAL (
              SELECT workspace, position FROM %s
              WHERE workspace = names.workspace AND position < ?
              ORDER BY position DESC LIMIT 1) AS latest
            JOIN log.event USING (position)
            """
                .formatted(tables.nameOf(NAME)))) {
      statement.setArray(
          1,
          connection.createArrayOf(
              "text", events.stream().map(LoggedEvent::workspace).distinct().toArray()));
      statement.setLong(2, events.getFirst().position());
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          requests.put(row.getString(1), row.getString(2));
        }
      }
    }
    return requests;
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
