package dev.keyledger.log;

import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.StreamId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A row of {@code log.event}: a stored event, not yet decoded. Immutable. */
public final class EventRow {
  /** The columns that {@link #read} reads, in their order. */
  public static final String COLUMNS =
      "position, stream_kind, stream_id, sequence, workspace, type, version, time, actor_type,"
          + " actor_id, request_id, payload, context, context_hash";

  private static final Map<String, StreamId.Kind> KINDS = byWireName(StreamId.Kind.values());
  private static final Map<String, ActorType> ACTOR_TYPES = byWireName(ActorType.values());

  private final long position;
  private final StreamId stream;
  private final long sequence;
  private final String workspace;
  private final String type;
  private final int version;
  private final Instant time;
  private final Actor actor;
  private final String requestId;
  private final byte[] payload;
  private final byte @Nullable [] context;
  private final byte[] contextHash;

  EventRow(
      long position,
      StreamId stream,
      long sequence,
      String workspace,
      String type,
      int version,
      Instant time,
      Actor actor,
      String requestId,
      byte[] payload,
      byte @Nullable [] context,
      byte[] contextHash) {
    this.position = position;
    this.stream = stream;
    this.sequence = sequence;
    this.workspace = workspace;
    this.type = type;
    this.version = version;
    this.time = time;
    this.actor = actor;
    this.requestId = requestId;
    this.payload = payload;
    this.context = context;
    this.contextHash = contextHash;
  }

  /**
   * Reads the current row of a result of {@link #COLUMNS}.
   *
   * @throws UnreadableEventException if this version does not know the kind of its stream or actor
   */
  public static EventRow read(ResultSet row) throws SQLException {
    String type = row.getString(6);
    int version = row.getInt(7);
    StreamId.Kind kind = KINDS.get(row.getString(2));
    ActorType actorType = ACTOR_TYPES.get(row.getString(9));
    if (kind == null || actorType == null) {
      throw new UnreadableEventException(type, version, "unknown kind of stream or actor", null);
    }
    return new EventRow(
        row.getLong(1),
        new StreamId(kind, row.getString(3)),
        row.getLong(4),
        row.getString(5),
        type,
        version,
        row.getObject(8, OffsetDateTime.class).toInstant(),
        new Actor(actorType, row.getString(10)),
        row.getString(11),
        row.getBytes(12),
        row.getBytes(13),
        row.getBytes(14));
  }

  /**
   * Decodes the event, with its position, time and origin.
   *
   * @throws UnreadableEventException if this version of Keyledger cannot read it
   */
  public LoggedEvent decode(EventCodec codec) {
    EventContext said; // null if it was erased
    try {
      said = codec.decodeContext(context);
    } catch (IllegalStateException e) {
      throw new UnreadableEventException(type, version, "invalid context", e);
    }
    return new LoggedEvent(
        position,
        stream,
        sequence,
        workspace,
        time,
        actor,
        requestId,
        codec.decode(type, version, payload),
        said);
  }

  public long position() {
    return position;
  }

  public StreamId stream() {
    return stream;
  }

  public long sequence() {
    return sequence;
  }

  public String workspace() {
    return workspace;
  }

  /** Returns the event's wire name. */
  public String type() {
    return type;
  }

  public int version() {
    return version;
  }

  public Instant time() {
    return time;
  }

  public Actor actor() {
    return actor;
  }

  public String requestId() {
    return requestId;
  }

  /** Returns the exact bytes that were written. */
  public byte[] payload() {
    return payload.clone();
  }

  /** Returns the number of bytes that were written. */
  int payloadBytes() {
    return payload.length;
  }

  /** Returns SHA-256 of salt and context, which remains after both are erased. */
  public byte[] contextHash() {
    return contextHash.clone();
  }

  private static <T> Map<String, T> byWireName(T[] values) {
    return Stream.of(values)
        .collect(Collectors.toUnmodifiableMap(Object::toString, Function.identity()));
  }

  @Override
  public String toString() {
    return "event " + position + " " + type + " of " + stream;
  }
}
