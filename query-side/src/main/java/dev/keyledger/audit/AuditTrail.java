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
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
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

  private static Map<String, Object> columnsOf(Owner owner) {
    var columns = new LinkedHashMap<String, Object>();
    columns.put("owner_type", owner.type().toString());
    columns.put("owner_id", owner.id());
    return columns;
  }

  /**
   * A walk through one index in the order of positions, past the entries that do not match. All
   * columns of the index are compared as a row, so that no other index has the order that is asked
   * for: whatever PostgreSQL expects of the values, it reads the range of this index and no more.
   */
  static final class Search {
    private final List<String> columns = new ArrayList<>();
    private final List<Object> values = new ArrayList<>();
    private final WhereClause others = new WhereClause();
    private final Query examined;
    private final String order;
    private boolean selective;

    Search(@Nullable String workspace, AuditFilter filter, Order order, @Nullable Long after) {
      if (filter.keyId() != null) {
        walk("key_id", filter.keyId().value()); // of one workspace
        others.andIfGiven("workspace = ?", workspace);
      } else if (workspace != null) {
        walk("workspace", workspace);
      }
      if (filter.actorId() != null) {
        add(List.of(filter.actorId()), id -> Map.of("actor_id", id));
      }
      add(filter.owners(), AuditTrail::columnsOf);
      add(filter.types(), type -> Map.of("type", type.wireName()));
      add(filter.actorTypes(), type -> Map.of("actor_type", type.toString()));
      columns.add("position");
      this.order =
          columns.stream()
              .map(column -> column + " " + order)
              .collect(Collectors.joining(", ", " ORDER BY ", ""));
      var walked = new WhereClause();
      addBounds(walked, filter, order, after);
      examined =
          new Query(
              "SELECT position, workspace, owner_type, owner_id, key_id, actor_type, actor_id, type FROM "
                  + ENTRIES,
              walked,
              this.order + " LIMIT " + EXAMINED_MAX);
    }

    private void walk(String column, Object value) {
      columns.add(column);
      values.add(value);
    }

    /**
     * Adds a filter: the first one that is a single value says which index of the workspace is
     * walked through.
     *
     * @param columnsOf returns what the columns of an alternative must equal, in order
     */
    private <T> void add(List<T> alternatives, Function<T, Map<String, Object>> columnsOf) {
      if (alternatives.size() == 1 && columns.equals(List.of("workspace"))) {
        columnsOf.apply(alternatives.getFirst()).forEach(this::walk);
      } else if (!alternatives.isEmpty()) {
        selective = true;
        others.andAnyOf(alternatives.stream().map(columnsOf).map(Search::allOf).toList());
      }
    }

    private static Condition allOf(Map<String, Object> columns) {
      return new Condition(
          columns.keySet().stream()
              .map(column -> column + " = ?")
              .collect(Collectors.joining(" AND ")),
          List.copyOf(columns.values()));
    }

    /**
     * Adds a period. Times never decrease with positions: a range of times is a range of positions,
     * at which every index can start.
     */
    private void addBounds(
        WhereClause walked, AuditFilter filter, Order order, @Nullable Long after) {
      long least = order == Order.OLDEST_FIRST && after != null ? after + 1 : 0;
      long greatest = order == Order.NEWEST_FIRST && after != null ? after - 1 : Long.MAX_VALUE;
      addBound(
          walked,
          ">=",
          "greatest(?, coalesce((SELECT position FROM %s WHERE time_micros >= ? ORDER BY time_micros, position LIMIT 1), %d))"
              .formatted(ENTRIES, Long.MAX_VALUE),
          least,
          filter.from());
      addBound(
          walked,
          "<=",
          "least(?, coalesce((SELECT position FROM %s WHERE time_micros < ? ORDER BY time_micros DESC, position DESC LIMIT 1), 0))"
              .formatted(ENTRIES),
          greatest,
          filter.to());
    }

    private void addBound(
        WhereClause walked,
        String comparison,
        String withTime,
        long position,
        @Nullable Instant time) {
      var bound = new ArrayList<>(values);
      bound.add(position);
      if (time != null) {
        bound.add(Micros.atOrAfter(time));
      }
      walked.and(
          "(%s) %s (%s%s)"
              .formatted(
                  String.join(", ", columns),
                  comparison,
                  "?, ".repeat(values.size()),
                  time == null ? "?" : withTime),
          bound.toArray());
    }

    PreparedStatement found(Connection connection, int limit) throws SQLException {
      return others.prepareOver(
          connection,
          "SELECT position, owner_type, owner_id FROM ",
          examined,
          order + " LIMIT " + limit);
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
                      order + " OFFSET " + (EXAMINED_MAX - 1));
          ResultSet row = statement.executeQuery()) {
        return row.next() ? row.getLong(1) : null;
      }
    }
  }
}
