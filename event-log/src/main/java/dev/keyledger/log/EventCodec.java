package dev.keyledger.log;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.keyledger.events.Digest;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.EventType;
import dev.keyledger.events.LedgerEvent;
import java.lang.reflect.AnnotatedType;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
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
      JsonMapper.builder()
          .annotationIntrospector(new NullnessIntrospector())
          .addModule(
              new SimpleModule("events")
                  .addSerializer(new TextSerializer<>(Instant.class))
                  .addSerializer(new TextSerializer<>(Digest.class))
                  .addSerializer(new DurationSerializer())
                  .addDeserializer(String.class, new TextDeserializer<>(String.class, text -> text))
                  .addDeserializer(
                      Instant.class, new TextDeserializer<>(Instant.class, Instant::parse))
                  .addDeserializer(
                      Duration.class, new TextDeserializer<>(Duration.class, Duration::parse))
                  .addDeserializer(
                      Digest.class, new TextDeserializer<>(Digest.class, Digest::parse)))
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(
              DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
              DeserializationFeature.FAIL_ON_TRAILING_TOKENS,
              DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(EnumFeature.READ_ENUMS_USING_TO_STRING, EnumFeature.WRITE_ENUMS_USING_TO_STRING)
          .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
          .build();

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
      LedgerEvent event = json.readValue(payload, known.eventClass());
      if (event == null) {
        throw new UnreadableEventException(type, version, "it is null", null);
      }
      return event;
    } catch (JacksonException e) {
      throw new UnreadableEventException(type, version, e.getOriginalMessage(), e);
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
      return json.readValue(context, EventContext.class);
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

  /**
   * Takes from {@link Nullable} on a record's components what may be absent; all else is required
   * and never null, so that no event comes into being with a hole in it.
   */
  private static final class NullnessIntrospector extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1;

    @Override
    public @Nullable Boolean hasRequiredMarker(MapperConfig<?> config, AnnotatedMember member) {
      return member instanceof AnnotatedParameter parameter ? !isNullable(parameter) : null;
    }

    @Override
    public JsonSetter.Value findSetterInfo(MapperConfig<?> config, Annotated annotated) {
      return annotated instanceof AnnotatedParameter parameter && isNullable(parameter)
          ? JsonSetter.Value.forContentNulls(Nulls.FAIL)
          : JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL);
    }

    private static boolean isNullable(AnnotatedParameter parameter) {
      Class<?> owner = parameter.getDeclaringClass();
      if (!owner.isRecord()) {
        return false;
      }
      AnnotatedType type = owner.getRecordComponents()[parameter.getIndex()].getAnnotatedType();
      return type.isAnnotationPresent(Nullable.class);
    }
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

  private interface TextReader<T> {
    T read(String text);
  }

  private static final class TextDeserializer<T> extends StdDeserializer<T> {
    private final TextReader<T> reader;

    private TextDeserializer(Class<T> type, TextReader<T> reader) {
      super(type);
      this.reader = reader;
    }

    @Override
    public @Nullable T deserialize(JsonParser parser, DeserializationContext context) {
      if (!parser.hasToken(JsonToken.VALUE_STRING)) {
        context.reportInputMismatch(this, "a text was expected");
      }
      try {
        return reader.read(parser.getString());
      } catch (IllegalArgumentException | DateTimeParseException e) {
        return context.reportInputMismatch(this, "not of its form: %s", e.getMessage());
      }
    }
  }
}
