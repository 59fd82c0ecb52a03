package dev.keyledger.log;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.keyledger.events.Digest;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.EventType;
import dev.keyledger.events.LedgerEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * Writes events as the bytes that the log keeps for ever, and reads them back, strictly: what it
 * does not know, it refuses. Equal events give equal bytes.
 *
 * <p>Safe for use by many threads.
 */
public final class EventCodec {
  private final JsonMapper json =
      JsonMapper.builder(
              JsonFactory.builder().recyclerPool(JsonRecyclerPools.threadLocalPool()).build())
          .addModule(
              new SimpleModule("events")
                  .addSerializer(new TextSerializer<>(Instant.class))
                  .addSerializer(new TextSerializer<>(Digest.class))
                  .addSerializer(new DurationSerializer()))
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
          .enable(EnumFeature.WRITE_ENUMS_USING_TO_STRING)
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
          .build();
  private final Map<EventType, RecordReader> readers = new EnumMap<>(EventType.class);
  private final RecordReader contextReader = new RecordReader(EventContext.class);

  public EventCodec() {
    for (EventType type : EventType.values()) {
      readers.put(type, new RecordReader(type.eventClass()));
    }
  }

  /** The payload of an event: UTF-8 JSON without its type, its fields in declared order. */
  public byte[] encode(LedgerEvent event) {
    return json.writeValueAsBytes(event);
  }

  /**
   * The event that a payload holds.
   *
   * @throws UnreadableEventException if the type or version is unknown or the payload is not
   *     exactly of its form
   */
  public LedgerEvent decode(String type, int version, byte[] payload) {
    EventType known =
        EventType.find(type, version)
            .orElseThrow(() ->
                new UnreadableEventException(
                    type, version, "this version of Keyledger does not know it", null));
    try {
      return (LedgerEvent) read(requireNonNull(readers.get(known)), payload);
    } catch (JacksonException e) {
      throw new UnreadableEventException(type, version, e.getOriginalMessage(), e);
    }
  }

  private Object read(RecordReader reader, byte[] bytes) {
    try (JsonParser parser =
        json.tokenStreamFactory().createParser(ObjectReadContext.empty(), bytes)) {
      parser.nextToken();
      Object read = reader.read(parser);
      if (parser.nextToken() != null) {
        throw new StreamReadException(parser, "more follows");
      }
      return read;
    }
  }

  /** What was said about an event, as the log keeps it until it is erased. */
  public byte[] encodeContext(EventContext context) {
    return json.writeValueAsBytes(context);
  }

  /**
   * What {@link #encodeContext} was given.
   *
   * @param context null if it was erased
   * @throws IllegalStateException if the bytes have another form
   */
  public EventContext decodeContext(byte @Nullable [] context) {
    if (context == null) {
      return EventContext.NONE;
    }
    try {
      return (EventContext) read(contextReader, context);
    } catch (JacksonException e) {
      throw new IllegalStateException("the context of an event cannot be read", e);
    }
  }

  /** An event's own fields as the audit shows them: without digest and pepper version. */
  public ObjectNode auditData(LedgerEvent event) {
    ObjectNode data = json.valueToTree(event);
    if (data.get("secret") instanceof ObjectNode secret) {
      secret.remove(List.of("digest", "pepperVersion"));
      if (secret.isEmpty()) {
        data.remove("secret");
      }
    }
    return data;
  }

  private static final class TextSerializer<T> extends StdSerializer<T> {
    private TextSerializer(Class<T> type) {
      super(type);
    }

    @Override
    public void serialize(T value, JsonGenerator generator, SerializationContext context) {
      generator.writeString(value.toString());
    }
  }

  /** Says whole days as days, as people and api.md do, where Java would count them in hours. */
  private static final class DurationSerializer extends StdSerializer<Duration> {
    private DurationSerializer() {
      super(Duration.class);
    }

    @Override
    public void serialize(Duration value, JsonGenerator generator, SerializationContext context) {
      long days = value.toDays();
      Duration rest = value.minusDays(days);
      String time = rest.isZero() ? "" : rest.toString().substring(1);
      generator.writeString(days <= 0 ? value.toString() : "P" + days + "D" + time);
    }
  }
}
