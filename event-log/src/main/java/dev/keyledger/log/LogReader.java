package dev.keyledger.log;

import dev.keyledger.events.Digest;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspaceClosed;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Reads the log in its current state: each call sees everything that was appended before it.
 *
 * <p>Every method throws {@link StoreUnavailableException} if the database cannot be reached, and
 * {@link UnreadableEventException} for an event that this version cannot read. Thread-safe.
 */
public final class LogReader {
  /**
   * The number of a key's events that are read at a time, so that a long history takes little
   * memory.
   */
  static final int PART = 100;

  /** A part of a history ends after the event that exceeds so many bytes of payload. */
  static final long HISTORY_BYTES_MAX = 1024 * 1024;

  private static final int HISTORY_PART = 20;

  private static final String OF_STREAM =
      "SELECT "
          + EventRow.COLUMNS
          + " FROM log.event WHERE stream_kind = ? AND stream_id = ? AND sequence >= ?"
          + " ORDER BY sequence";

  /**
   * The query of a key's events. The workspace is compared with that of the first event alone,
   * before any other event is read: a key of another workspace costs as much as none, however many
   * events it has.
   */
  private static final String OF_KEY =
      "SELECT "
          + EventRow.COLUMNS
          + " FROM log.event WHERE stream_kind = 'key' AND stream_id = ?"
          + " AND (?::text IS NULL OR ? = (SELECT workspace FROM log.event"
          + " WHERE stream_kind = 'key' AND stream_id = ? AND sequence = 0))";

  private static final String UP_TO =
      OF_KEY + " AND sequence >= ? AND position <= ? ORDER BY sequence LIMIT ?";
  private static final String OLDEST_FIRST = OF_KEY + " AND sequence > ? ORDER BY sequence LIMIT ?";
  private static final String NEWEST_FIRST =
      OF_KEY + " AND sequence < ? ORDER BY sequence DESC LIMIT ?";
  private static final String OWNER_BEFORE =
      OF_KEY + " AND sequence < ? AND type = ANY (?) ORDER BY sequence DESC LIMIT 1";
  private static final String LATEST_BEFORE =
      "SELECT "
          + EventRow.COLUMNS
          + " FROM unnest(?::text[]) wanted (key_id) CROSS JOIN LATERAL ("
          + " SELECT * FROM log.event WHERE stream_kind = 'key' AND stream_id = wanted.key_id"
          + " AND position < ? AND type = ANY (?) ORDER BY sequence DESC LIMIT 1) latest";
  private static final List<String> OWNER_NAMING = namesOf(KeyEvent.NamesOwner.class);
  private static final List<String> PLANNING = namesOf(KeyEvent.PlansState.class);
  private static final String OF_STREAMS =
      "SELECT "
          + EventRow.COLUMNS
          + " FROM log.event WHERE stream_kind = ? AND stream_id = ANY (?)"
          + " ORDER BY stream_id, sequence";
  private static final String MERGED =
      "SELECT "
          + EventRow.COLUMNS
          + " FROM log.event JOIN unnest(?::text[], ?::text[]) wanted (kind, id)"
          + " ON stream_kind = kind AND stream_id = id"
          + " WHERE workspace = ? AND position <= ? ORDER BY position";
  private static final String OF_WORKSPACES =
      "SELECT "
          + EventRow.COLUMNS
          + " FROM log.event WHERE stream_kind = 'workspace' AND position <= ? ORDER BY position";
  private static final String WITH_SECRET =
      "SELECT key_id FROM log.key_secret WHERE digest = ANY (?) AND workspace = ? LIMIT 1";
  private static final String CLOSED =
      "SELECT 1 FROM log.event WHERE stream_kind = 'workspace' AND stream_id = ? AND type = ?"
          + " AND position <= ?";
  private static final String AFTER =
      "SELECT " + EventRow.COLUMNS + " FROM log.event WHERE position > ? ORDER BY position LIMIT ?";
  private static final String OF_WORKSPACE_AFTER =
      "SELECT "
          + EventRow.COLUMNS
          + " FROM log.event WHERE position > ? AND position <= ? AND workspace = ?"
          + " ORDER BY position LIMIT ?";
  private static final String AT =
      "SELECT " + EventRow.COLUMNS + " FROM log.event WHERE position = ANY (?)";

  /**
   * A binary search by position. It needs no index on time, because the log's times never decrease.
   * The event at {@code low} is before the time, the one at {@code high} is not.
   */
  private static final String POSITION_BEFORE =
      """
      WITH RECURSIVE search (low, high) AS (
        SELECT 0::bigint, position + 1 FROM log.log_head
        UNION ALL
        SELECT CASE WHEN before THEN middle ELSE low END, CASE WHEN before THEN high ELSE middle END
        FROM (
          SELECT low, high, middle,
            (SELECT time < ? FROM log.event WHERE position = middle) AS before
          FROM (SELECT low, high, (low + high) / 2 AS middle FROM search WHERE high - low > 1) half
        ) looked_at
      )
      SELECT max(low) FROM search
      """;

  private final DataSource dataSource;
  private final EventCodec codec;

  public LogReader(LedgerDatabase database, EventCodec codec) {
    this(database.dataSource(), codec);
  }

  public LogReader(DataSource dataSource, EventCodec codec) {
    this.dataSource = dataSource;
    this.codec = codec;
  }

  /** Returns all events of a stream, oldest first; empty if the stream does not exist. */
  public List<LoggedEvent> readStream(StreamId stream) {
    return readStream(stream, 0);
  }

  /** Returns the events of a stream from a sequence on, inclusive, oldest first. */
  public List<LoggedEvent> readStream(StreamId stream, long fromSequence) {
    return query(
        OF_STREAM,
        statement -> {
          statement.setString(1, stream.kind().toString());
          statement.setString(2, stream.id());
          statement.setLong(3, fromSequence);
        },
        rows -> {
          var events = new ArrayList<LoggedEvent>();
          while (rows.next()) {
            events.add(EventRow.read(rows).decode(codec));
          }
          return events;
        });
  }

  /** Returns a key of any workspace; empty if it does not exist. */
  public Optional<KeyView> key(KeyId keyId) {
    return Optional.ofNullable(fold(keyId, null, Long.MAX_VALUE));
  }

  /**
   * Returns a key; empty if the workspace has none of that id. A key of another workspace costs the
   * same as one that does not exist.
   */
  public Optional<KeyView> key(KeyId keyId, String workspace) {
    return keyAt(keyId, workspace, Long.MAX_VALUE);
  }

  /** Returns a key as {@link #key(KeyId, String)} does, as it was at a position. */
  public Optional<KeyView> keyAt(KeyId keyId, String workspace, long position) {
    return Optional.ofNullable(fold(keyId, workspace, position));
  }

  /**
   * Passes on the events of a key up to a position, inclusive, oldest first; none if the workspace
   * has no key of that id. They are read in parts: few are in memory at once, and no connection is
   * held in between.
   */
  public void forEachEvent(
      KeyId keyId, String workspace, long upTo, Consumer<LoggedEvent> consumer) {
    forEachPart(keyId, workspace, upTo, part -> part.forEach(consumer));
  }

  /**
   * Passes on the events of several streams of a workspace up to a position, inclusive, in the
   * order of their positions. They are read in parts; a connection is held while the consumer runs.
   */
  public void forEachEvent(
      List<StreamId> streams, String workspace, long upTo, Consumer<LoggedEvent> consumer) {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false); // only then does the driver read in parts
      try (PreparedStatement statement = connection.prepareStatement(MERGED)) {
        statement.setFetchSize(PART);
        new ArrayParameters(statement, 1)
            .texts(streams, stream -> stream.kind().toString())
            .texts(streams, StreamId::id);
        statement.setString(3, workspace);
        statement.setLong(4, upTo);
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            consumer.accept(EventRow.read(rows).decode(codec));
          }
        }
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  private @Nullable KeyView fold(KeyId keyId, @Nullable String workspace, long upTo) {
    var key = new AtomicReference<@Nullable KeyView>();
    forEachPart(keyId, workspace, upTo, part -> key.set(KeyView.after(key.get(), part)));
    return key.get();
  }

  private void forEachPart(
      KeyId keyId, @Nullable String workspace, long upTo, Consumer<List<LoggedEvent>> consumer) {
    long next = 0;
    List<LoggedEvent> part;
    do {
      part = partOf(keyId, workspace, next, upTo, PART);
      consumer.accept(part);
      next += part.size(); // sequences begin with 0 and have no gaps
    } while (part.size() == PART);
  }

  private List<LoggedEvent> partOf(
      KeyId keyId, @Nullable String workspace, long fromSequence, long upTo, int max) {
    return query(
        UP_TO,
        statement -> {
          setKey(statement, keyId, workspace);
          statement.setLong(5, fromSequence);
          statement.setLong(6, upTo);
          statement.setInt(7, max);
        },
        rows -> {
          var events = new ArrayList<LoggedEvent>();
          while (rows.next()) {
            events.add(EventRow.read(rows).decode(codec));
          }
          return events;
        });
  }

  private static void setKey(PreparedStatement statement, KeyId keyId, @Nullable String workspace)
      throws SQLException {
    statement.setString(1, keyId.value());
    statement.setString(2, workspace);
    statement.setString(3, workspace);
    statement.setString(4, keyId.value());
  }

  /**
   * A part of the history of a key.
   *
   * @param events in the order asked for
   * @param ownerBefore the owner before the oldest of them; null: they begin with the first event
   * @param more whether more follow
   */
  public record History(List<LoggedEvent> events, @Nullable Owner ownerBefore, boolean more) {
    public History {
      events = List.copyOf(events);
    }
  }

  /**
   * Returns a part of the history of a key; an empty one if the workspace has no key of that id.
   *
   * @param after the sequence of the event to continue after, in the given order; null starts at
   *     the beginning
   * @param max the maximum number of events, 1 or more; fewer are returned if these are large
   */
  public History history(
      KeyId keyId, String workspace, boolean newestFirst, @Nullable Long after, int max) {
    long start = newestFirst ? Long.MAX_VALUE : -1;
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false); // only then does the driver read in parts
      try (PreparedStatement statement =
          connection.prepareStatement(newestFirst ? NEWEST_FIRST : OLDEST_FIRST)) {
        statement.setFetchSize(HISTORY_PART);
        setKey(statement, keyId, workspace);
        statement.setLong(5, after == null ? start : after);
        statement.setInt(6, max + 1);
        var events = new ArrayList<LoggedEvent>();
        long bytes = 0;
        boolean more = false;
        try (ResultSet rows = statement.executeQuery()) {
          while (!more && rows.next()) {
            if (events.size() == max || bytes > HISTORY_BYTES_MAX) {
              more = true;
            } else {
              EventRow row = EventRow.read(rows);
              bytes += row.payloadBytes();
              events.add(row.decode(codec));
            }
          }
        }
        return new History(events, ownerBefore(connection, keyId, workspace, events), more);
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  private @Nullable Owner ownerBefore(
      Connection connection, KeyId keyId, String workspace, List<LoggedEvent> events)
      throws SQLException {
    long oldest = events.stream().mapToLong(LoggedEvent::sequence).min().orElse(0);
    if (oldest == 0) {
      return null;
    }
    try (PreparedStatement statement = connection.prepareStatement(OWNER_BEFORE)) {
      setKey(statement, keyId, workspace);
      statement.setLong(5, oldest);
      statement.setArray(6, connection.createArrayOf("text", OWNER_NAMING.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return ((KeyEvent.NamesOwner) EventRow.read(row).decode(codec).event()).owner();
      }
    }
  }

  /**
   * Returns several keys, whatever their workspaces, without those that do not exist. They are
   * consistent with each other, and their events are read in parts.
   */
  public Map<KeyId, KeyView> keys(Collection<KeyId> keys) {
    var views = new HashMap<KeyId, KeyView>();
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false); // only then does the driver read in parts
      try (PreparedStatement statement = connection.prepareStatement(OF_STREAMS)) {
        statement.setFetchSize(PART);
        statement.setString(1, StreamId.Kind.KEY.toString());
        statement.setArray(
            2, connection.createArrayOf("text", keys.stream().map(KeyId::value).toArray()));
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            LoggedEvent event = EventRow.read(rows).decode(codec);
            views.compute(
                new KeyId(event.stream().id()), (_, before) -> KeyView.after(before, event));
          }
        }
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      throw unavailable(e);
    }
    return views;
  }

  /**
   * Returns the key of a workspace that has or had a secret with one of these digests, which must
   * be all digests of one secret: two keys of a workspace never have the same secret.
   */
  public Optional<KeyId> keyWith(Collection<Digest> digests, String workspace) {
    return query(
        WITH_SECRET,
        statement -> {
          new ArrayParameters(statement, 1).bytes(List.copyOf(digests), Digest::toBytes);
          statement.setString(2, workspace);
        },
        rows -> rows.next() ? Optional.of(new KeyId(rows.getString(1))) : Optional.empty());
  }

  /** Returns whether a workspace was closed at a position. */
  public boolean isClosedAt(String workspace, long position) {
    return query(
        CLOSED,
        statement -> {
          statement.setString(1, workspace);
          statement.setString(2, EventType.of(WorkspaceClosed.class).wireName());
          statement.setLong(3, position);
        },
        ResultSet::next);
  }

  /**
   * Returns the events after a position, in order and without gaps. The list ends before an event
   * that this version cannot read.
   *
   * @return at most {@code max} events; empty if there are none
   * @throws UnreadableEventException if this version cannot read the first of them
   */
  public List<LoggedEvent> readAfter(long position, int max) {
    try (Connection connection = dataSource.getConnection()) {
      return readAfter(connection, codec, position, max);
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  /**
   * Returns the events of a workspace after a position and up to another one, inclusive, in order.
   * It looks at the events of all workspaces in between.
   *
   * @return at most {@code max} events; empty if there are none
   */
  public List<LoggedEvent> readAfter(String workspace, long position, long upTo, int max) {
    return query(
        OF_WORKSPACE_AFTER,
        statement -> {
          statement.setLong(1, position);
          statement.setLong(2, upTo);
          statement.setString(3, workspace);
          statement.setInt(4, max);
        },
        rows -> {
          var events = new ArrayList<LoggedEvent>();
          while (rows.next()) {
            events.add(EventRow.read(rows).decode(codec));
          }
          return events;
        });
  }

  /** Returns the end of the log. */
  public Head head() {
    return query(
        "SELECT store_id, incarnation, position, time FROM log.log_head",
        _ -> {},
        row -> {
          row.next();
          return new Head(
              row.getObject(1, UUID.class),
              row.getInt(2),
              row.getLong(3),
              row.getObject(4, OffsetDateTime.class).toInstant());
        });
  }

  /** Returns the identity of the event at a position; empty if the log has none. */
  public Optional<Leaf> leafAt(long position) {
    return query(
        AT,
        statement ->
            statement.setArray(
                1, statement.getConnection().createArrayOf("bigint", new Object[] {position})),
        rows -> {
          if (!rows.next()) {
            return Optional.empty();
          }
          EventRow row = EventRow.read(rows);
          return Optional.of(
              new Leaf(
                  row.stream(),
                  row.sequence(),
                  row.time(),
                  row.requestId(),
                  LeafBytes.hashOf(row)));
        });
  }

  /** Returns the position of the last event of any workspace, 0 if there is none. */
  public long workspacePosition() {
    return query(
        "SELECT workspace_position FROM log.log_head",
        _ -> {},
        row -> {
          row.next();
          return row.getLong(1);
        });
  }

  /**
   * Checks that no workspace has changed since a decision that appends nothing.
   *
   * @param workspacesKnown see {@link LogAppender#append(List, List, long, List)}
   * @throws AppendConflictException if one has
   */
  public void requireWorkspacesUnchanged(long workspacesKnown) {
    if (workspacesKnown < LogAppender.WORKSPACES_ALL_KNOWN
        && workspacesKnown < workspacePosition()) {
      throw AppendConflictException.ofWorkspace(Set.of());
    }
  }

  /** Returns the events of all workspaces up to a position, inclusive, in order. */
  public List<LoggedEvent> readWorkspaces(long upTo) {
    return query(
        OF_WORKSPACES,
        statement -> statement.setLong(1, upTo),
        rows -> {
          var events = new ArrayList<LoggedEvent>();
          while (rows.next()) {
            events.add(EventRow.read(rows).decode(codec));
          }
          return events;
        });
  }

  /** Returns the position of the last event before a time, 0 if there is none. */
  public long lastPositionBefore(Instant time) {
    try (Connection connection = dataSource.getConnection()) {
      return lastPositionBefore(connection, time);
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  /** Reads as {@link #lastPositionBefore(Instant)} does, within the caller's transaction. */
  public static long lastPositionBefore(Connection connection, Instant time) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(POSITION_BEFORE)) {
      statement.setObject(1, time.atOffset(ZoneOffset.UTC));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  /**
   * Returns the events at these positions, read within the caller's transaction. Positions that are
   * not in the log are left out.
   *
   * @throws UnreadableEventException for an event that this version cannot read
   */
  public static Map<Long, LoggedEvent> readAt(
      Connection connection, EventCodec codec, Collection<Long> positions) throws SQLException {
    return readAt(connection, positions, row -> row.decode(codec));
  }

  /**
   * Returns the values that {@code form} makes of the rows at these positions, as the other method
   * does.
   */
  public static <T> Map<Long, T> readAt(
      Connection connection, Collection<Long> positions, Function<EventRow, T> form)
      throws SQLException {
    var found = new HashMap<Long, T>();
    try (PreparedStatement statement = connection.prepareStatement(AT)) {
      statement.setArray(1, connection.createArrayOf("bigint", positions.toArray()));
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          EventRow row = EventRow.read(rows);
          found.put(row.position(), form.apply(row));
        }
      }
    }
    return found;
  }

  /**
   * Returns the owners that keys had before a position, read within the caller's transaction. Keys
   * that did not exist then are left out.
   */
  public static Map<String, Owner> ownersBefore(
      Connection connection, EventCodec codec, Collection<String> keyIds, long position)
      throws SQLException {
    var owners = new HashMap<String, Owner>();
    try (PreparedStatement statement = connection.prepareStatement(LATEST_BEFORE)) {
      statement.setArray(1, connection.createArrayOf("text", keyIds.toArray()));
      statement.setLong(2, position);
      statement.setArray(3, connection.createArrayOf("text", OWNER_NAMING.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          LoggedEvent event = EventRow.read(row).decode(codec);
          if (event.event() instanceof KeyEvent.NamesOwner naming) {
            owners.put(event.stream().id(), naming.owner());
          }
        }
      }
    }
    return owners;
  }

  /**
   * Returns the reasons that the callers gave for the latest plans of keys. A key without a plan is
   * left out, and so is one whose plan has no reason, or an erased one.
   */
  public Map<KeyId, String> reasonsOfPlans(List<KeyId> keys) {
    return query(
        LATEST_BEFORE,
        statement -> {
          new ArrayParameters(statement, 1).texts(keys, KeyId::value);
          statement.setLong(2, Long.MAX_VALUE);
          new ArrayParameters(statement, 3).texts(PLANNING, name -> name);
        },
        rows -> {
          var reasons = new HashMap<KeyId, String>();
          while (rows.next()) {
            LoggedEvent plan = EventRow.read(rows).decode(codec);
            EventContext context = plan.context();
            if (context != null && context.reason() != null) {
              reasons.put(new KeyId(plan.stream().id()), context.reason());
            }
          }
          return reasons;
        });
  }

  /** Reads as {@link #readAfter(long, int)} does, within the caller's transaction. */
  static List<LoggedEvent> readAfter(
      Connection connection, EventCodec codec, long position, int max) throws SQLException {
    var events = new ArrayList<LoggedEvent>();
    try (PreparedStatement statement = connection.prepareStatement(AFTER)) {
      statement.setLong(1, position);
      statement.setInt(2, max);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          LoggedEvent event = EventRow.read(row).decode(codec);
          requireNext(position + events.size() + 1, event);
          events.add(event);
        }
      }
    } catch (UnreadableEventException unreadable) {
      if (events.isEmpty()) {
        throw unreadable;
      }
    }
    return events;
  }

  private static void requireNext(long expected, LoggedEvent event) {
    if (event.position() != expected) {
      throw new IllegalStateException(
          "the log has a gap: %d is missing before %d".formatted(expected, event.position()));
    }
  }

  private interface Parameters {
    void set(PreparedStatement statement) throws SQLException;
  }

  private interface Rows<T> {
    T read(ResultSet rows) throws SQLException;
  }

  private <T> T query(String sql, Parameters parameters, Rows<T> rows) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      parameters.set(statement);
      try (ResultSet result = statement.executeQuery()) {
        return rows.read(result);
      }
    } catch (SQLException e) {
      throw unavailable(e);
    }
  }

  private static List<String> namesOf(Class<? extends KeyEvent> kind) {
    return EventType.all().stream()
        .filter(type -> kind.isAssignableFrom(type.eventClass()))
        .map(EventType::wireName)
        .distinct()
        .toList();
  }

  private static StoreUnavailableException unavailable(SQLException e) {
    return new StoreUnavailableException("cannot read the log: " + e.getMessage(), e);
  }
}
