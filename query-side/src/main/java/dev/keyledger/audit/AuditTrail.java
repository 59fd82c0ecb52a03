package dev.keyledger.audit;

import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.log.AuditEntry;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LogReader;
import dev.keyledger.projection.Conditions;
import dev.keyledger.projection.Conditions.Condition;
import dev.keyledger.projection.Micros;
import dev.keyledger.projection.Page;
import dev.keyledger.projection.Projection.TableSet;
import dev.keyledger.projection.ProjectionDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Queries who did what, over all keys of a workspace. Methods throw what {@link
 * ProjectionDatabase#ask} throws. Thread-safe.
 */
public final class AuditTrail {
  private static final String ENTRIES = TableSet.LIVE.nameOf(AuditProjection.NAME);

  private final ProjectionDatabase database;
  private final AuditProjection projection;
  private final EventCodec codec;

  public AuditTrail(ProjectionDatabase database, AuditProjection projection, EventCodec codec) {
    this.database = database;
    this.projection = projection;
    this.codec = codec;
  }

  /** The order of entries. */
  public enum Order {
    OLDEST_FIRST("asc"),
    NEWEST_FIRST("desc");

    private final String wireName;

    Order(String wireName) {
      this.wireName = wireName;
    }

    /** Returns the name on the wire. */
    @Override
    public String toString() {
      return wireName;
    }
  }

  /**
   * Returns the entries of a workspace.
   *
   * @param after the position of the entry to continue after, in the given order; null starts at
   *     the beginning
   * @param limit the maximum number of entries of a page, 1 or more
   */
  public Page<AuditEntry, Long> entries(
      String workspace, AuditFilter filter, Order order, @Nullable Long after, int limit) {
    Conditions conditions = conditionsOf(workspace, filter);
    conditions.andIfGiven(
        switch (order) {
          case OLDEST_FIRST -> "position > ?";
          case NEWEST_FIRST -> "position < ?";
        },
        after);
    return database.ask(
        projection,
        (connection, position) -> {
          Map<Long, Owner> owners = owners(connection, conditions, order, limit);
          return Page.of(read(connection, owners), limit, AuditEntry::position, position);
        });
  }

  /**
   * Returns the owners of the keys of the requested entries, by position, in the requested order.
   */
  private static Map<Long, Owner> owners(
      Connection connection, Conditions conditions, Order order, int limit) throws SQLException {
    var owners = new LinkedHashMap<Long, Owner>();
    try (PreparedStatement statement =
            conditions.prepare(
                connection,
                "SELECT position, owner_type, owner_id FROM " + ENTRIES,
                " ORDER BY position " + order + " LIMIT " + (limit + 1));
        ResultSet row = statement.executeQuery()) {
      while (row.next()) {
        owners.put(row.getLong(1), AuditProjection.owner(row.getString(2), row.getString(3)));
      }
    }
    return owners;
  }

  private List<AuditEntry> read(Connection connection, Map<Long, Owner> owners)
      throws SQLException {
    Map<Long, LoggedEvent> events = LogReader.readAt(connection, codec, owners.keySet());
    var entries = new ArrayList<AuditEntry>(owners.size());
    owners.forEach((position, owner) -> {
      LoggedEvent event = events.get(position);
      if (event == null) {
        throw new IllegalStateException("the log has no event at position " + position);
      }
      entries.add(AuditEntry.of(event, owner, codec));
    });
    return entries;
  }

  private static Conditions conditionsOf(String workspace, AuditFilter filter) {
    var conditions = new Conditions().and("workspace = ?", workspace);
    if (filter.keyId() != null) {
      conditions.and("key_id = ?", filter.keyId().value());
    }
    conditions.andAnyOf(
        filter.owners().stream()
            .map(owner ->
                new Condition(
                    "owner_type = ? AND owner_id = ?", owner.type().toString(), owner.id()))
            .toList());
    if (filter.actorType() != null) {
      conditions
          .and("actor_type = ?", filter.actorType().toString())
          .andIfGiven("actor_id = ?", filter.actorId());
    }
    conditions.andAnyOf(
        filter.types().stream().map(type -> new Condition("type = ?", type.wireName())).toList());
    // Times never decrease with positions: a range of times is a range of positions, which every
    // index can start at.
    if (filter.from() != null) {
      conditions.and(
          "position >= (SELECT position FROM %s WHERE time_micros >= ? ORDER BY time_micros, position LIMIT 1)"
              .formatted(ENTRIES),
          Micros.atOrAfter(filter.from()));
    }
    if (filter.to() != null) {
      conditions.and(
          "position <= (SELECT position FROM %s WHERE time_micros < ? ORDER BY time_micros DESC, position DESC LIMIT 1)"
              .formatted(ENTRIES),
          Micros.atOrAfter(filter.to()));
    }
    return conditions;
  }
}
