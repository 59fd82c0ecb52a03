package dev.keyledger.audit;

import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.log.AuditEntry;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.EventRow;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.proofs.LogProofs;
import dev.keyledger.projection.Micros;
import dev.keyledger.projection.Page;
import dev.keyledger.projection.Projection.TableSet;
import dev.keyledger.projection.ProjectionDatabase;
import dev.keyledger.projection.WhereClause;
import dev.keyledger.projection.WhereClause.Condition;
import dev.keyledger.projection.WhereClause.Query;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Queries of the audit of a workspace. Methods throw the exceptions of {@link
 * ProjectionDatabase#ask}. Thread-safe.
 */
public final class AuditTrail {
  /** The maximum number of events that are looked at for one page. */
  static final int EXAMINED_MAX = 10_000;

  private static final String ENTRIES = TableSet.LIVE.nameOf(AuditProjection.NAME);
  private static final String DAYS = TableSet.LIVE.nameOf(AuditProjection.DAYS);

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
   * Returns the entries of a workspace, or of all. A page may have fewer entries than the limit, or
   * none, and still name a next one: at most {@link #EXAMINED_MAX} events are examined for it.
   *
   * @param workspace null: all workspaces
   * @param after the position of the entry to continue after, in the given order; null starts at
   *     the beginning
   * @param limit the maximum number of entries of a page, 1 or more
   */
  public Page<AuditEntry, Long> entries(
      @Nullable String workspace,
      AuditFilter filter,
      Order order,
      @Nullable Long after,
      int limit) {
    return entries(workspace, filter, order, after, limit, this::entry, AuditEntry::position);
  }

  /**
   * An entry with its event.
   *
   * @param event the event as it is hashed
   */
  public record Exported(AuditEntry entry, LogProofs.Entry event) {
    long position() {
      return entry.position();
    }
  }

  /** Returns the entries that {@link #entries} returns, oldest first, with their events. */
  Page<Exported, Long> exported(
      @Nullable String workspace, AuditFilter filter, @Nullable Long after, int limit) {
    return entries(
        workspace,
        filter,
        Order.OLDEST_FIRST,
        after,
        limit,
        (row, owner) -> new Exported(entry(row, owner), LogProofs.Entry.of(row)),
        Exported::position);
  }

  private AuditEntry entry(EventRow row, Optional<Owner> owner) {
    LoggedEvent event = row.decode(codec);
    return owner
        .map(ofKey -> AuditEntry.of(event, ofKey, codec))
        .orElseGet(() -> AuditEntry.ofWorkspace(event, codec));
  }

  private <T> Page<T, Long> entries(
      @Nullable String workspace,
      AuditFilter filter,
      Order order,
      @Nullable Long after,
      int limit,
      BiFunction<EventRow, Optional<Owner>, T> form,
      Function<T, Long> positionOf) {
    var search = new Search(workspace, filter, order, after);
    return database.ask(
        projection,
        (connection, position) -> {
          var owners = new LinkedHashMap<Long, Optional<Owner>>();
          try (PreparedStatement statement = search.found(connection, limit + 1);
              ResultSet row = statement.executeQuery()) {
            while (row.next()) {
              owners.put(row.getLong(1), owner(row));
            }
          }
          Map<Long, T> found =
              LogReader.readAt(
                  connection,
                  owners.keySet(),
                  row -> form.apply(row, owners.getOrDefault(row.position(), Optional.empty())));
          List<T> entries = owners.keySet().stream().map(at -> required(found, at)).toList();
          Page<T, Long> page = Page.of(entries, limit, positionOf, position);
          return page.next() == null && search.isSelective()
              ? new Page<>(entries, search.lastExamined(connection), position)
              : page;
        });
  }

  private static <T> T required(Map<Long, T> found, long position) {
    T entry = found.get(position);
    if (entry == null) {
      throw new IllegalStateException("the log has no event at position " + position);
    }
    return entry;
  }

  /**
   * The commands of a workspace on each day.
   *
   * @param commands the number of commands by day, in order, days without commands included
   * @param position the position of the list
   */
  public record Days(SortedMap<LocalDate, Long> commands, long position) {}

  /**
   * Returns the number of commands of a workspace on each day of a period, in UTC. Costs one row
   * for each day.
   *
   * @param from the first day
   * @param to the end of the days, exclusive
   */
  public Days commandsByDay(String workspace, LocalDate from, LocalDate to) {
    return database.ask(
        projection,
        (connection, position) -> {
          var commands = new TreeMap<LocalDate, Long>();
          from.datesUntil(to).forEach(day -> commands.put(day, 0L));
          try (PreparedStatement statement =
                  new WhereClause()
                      .and("workspace = ?", workspace)
                      .and("day >= ?", from)
                      .and("day < ?", to)
                      .prepare(connection, "SELECT day, commands FROM " + DAYS, "");
              ResultSet row = statement.executeQuery()) {
            while (row.next()) {
              commands.put(row.getObject(1, LocalDate.class), row.getLong(2));
            }
          }
          return new Days(commands, position);
        });
  }

  private static Optional<Owner> owner(ResultSet row) throws SQLException {
    String type = row.getString(2);
    return type == null
        ? Optional.empty()
        : Optional.of(AuditProjection.owner(type, row.getString(3)));
  }

  /** A walk through one index in the order of positions that skips entries without a match. */
  private static final class Search {
    private final Query examined;
    private final WhereClause others = new WhereClause();
    private final Order order;
    private boolean indexed;
    private boolean selective;

    Search(@Nullable String workspace, AuditFilter filter, Order order, @Nullable Long after) {
      this.order = order;
      var conditions = new WhereClause().andIfGiven("workspace = ?", workspace);
      if (filter.keyId() != null) {
        add(conditions, List.of(new Condition("key_id = ?", filter.keyId().value())));
      }
      if (filter.actorId() != null) {
        add(conditions, List.of(new Condition("actor_id = ?", filter.actorId())));
      }
      add(
          conditions,
          filter.owners().stream()
              .map(owner ->
                  new Condition(
                      "owner_type = ? AND owner_id = ?", owner.type().toString(), owner.id()))
              .toList());
      add(
          conditions,
          filter.types().stream().map(type -> new Condition("type = ?", type.wireName())).toList());
      add(
          conditions,
          filter.actorTypes().stream()
              .map(type -> new Condition("actor_type = ?", type.toString()))
              .toList());
      addPeriod(conditions, filter);
      conditions.andIfGiven(
          switch (order) {
            case OLDEST_FIRST -> "position > ?";
            case NEWEST_FIRST -> "position < ?";
          },
          after);
      examined =
          new Query(
              "SELECT position, owner_type, owner_id, key_id, actor_type, actor_id, type FROM "
                  + ENTRIES,
              conditions,
              " ORDER BY position %s LIMIT %d".formatted(order, EXAMINED_MAX));
    }

    /** Adds a filter: the first one with a single value determines the index of the walk. */
    private void add(WhereClause walked, List<Condition> alternatives) {
      if (alternatives.size() == 1 && !indexed) {
        indexed = true;
        walked.andAnyOf(alternatives);
      } else if (!alternatives.isEmpty()) {
        selective = true;
        others.andAnyOf(alternatives);
      }
    }

    /**
     * Adds a period. Times never decrease with positions: a range of times is a range of positions,
     * at which every index can start.
     */
    private static void addPeriod(WhereClause conditions, AuditFilter filter) {
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
    }

    PreparedStatement found(Connection connection, int limit) throws SQLException {
      return others.prepareOver(
          connection,
          "SELECT position, owner_type, owner_id FROM ",
          examined,
          " ORDER BY position %s LIMIT %d".formatted(order, limit));
    }

    /** Returns whether entries may be passed over. */
    boolean isSelective() {
      return selective;
    }

    /** Returns the position at which the walk ended; null if there is nothing beyond it. */
    @Nullable Long lastExamined(Connection connection) throws SQLException {
      try (PreparedStatement statement =
              new WhereClause()
                  .prepareOver(
                      connection,
                      "SELECT position FROM ",
                      examined,
                      " ORDER BY position %s OFFSET %d".formatted(order, EXAMINED_MAX - 1));
          ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getLong(1) : null;
      }
    }
  }
}
