package dev.keyledger.log;

import dev.keyledger.events.EventContext;
import dev.keyledger.events.EventType;
import dev.keyledger.events.LedgerEvent;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Encodes events as the bytes that the log keeps forever, and decodes them strictly: unknown
 * content is rejected. Equal events have equal bytes.
 *
 * <p>Thread-safe.
 */
public final class EventCodec {
  private static final int INITIAL_BYTES = 512;

  private final JsonMapper json =
      new JsonMapper(
          JsonFactory.builder().recyclerPool(JsonRecyclerPools.threadLocalPool()).build());

  /**
   * The maximum length of a payload. An entry of a transparency log has less than 65,536 bytes
   * (C2SP tlog-tiles), and the other fields of a leaf have less than 500.
   */
  static final int PAYLOAD_BYTES_MAX = 65_000;

  /** The forms, in the order of {@link EventType#all}. */
  private final RecordForm[] forms =
      EventType.all().stream()
          .map(type -> new RecordForm(type.eventClass()))
          .toArray(RecordForm[]::new);

  private final RecordForm contextForm = new RecordForm(EventContext.class);

  /**
   * Returns the payload of an event: UTF-8 JSON without the type, with the fields in declared
   * order.
   *
   * @throws IllegalArgumentException if it is longer than {@link #PAYLOAD_BYTES_MAX}
   */
  public byte[] encode(LedgerEvent event) {
    byte[] payload = write(formOf(EventType.of(event)), event);
    if (payload.length > PAYLOAD_BYTES_MAX) {
      throw new IllegalArgumentException(
          "the payload of an event has %d bytes".formatted(payload.length));
    }
    return payload;
  }

  /**
   * Decodes a payload.
   *
   * @throws UnreadableEventException if the type or version is unknown, or the payload does not
   *     have exactly the declared form
   */
  public LedgerEvent decode(String type, int version, byte[] payload) {
    EventType known =
        EventType.find(type, version)
            .orElseThrow(() ->
                new UnreadableEventException(
                    type, version, "this version of Keyledger does not know it", null));
    try {
      return (LedgerEvent) read(formOf(known), payload);
    } catch (JacksonException e) {
      throw new UnreadableEventException(type, version, e.getOriginalMessage(), e);
    }
  }

  private RecordForm formOf(EventType type) {
    return forms[type.ordinal()];
  }

  private byte[] write(RecordForm form, Object value) {
    var bytes = new ByteArrayOutputStream(INITIAL_BYTES);
    try (JsonGenerator generator =
        json.tokenStreamFactory().createGenerator(ObjectWriteContext.empty(), bytes)) {
      form.write(generator, value);
    }
    return bytes.toByteArray();
  }

  private Object read(RecordForm form, byte[] bytes) {
    try (JsonParser parser =
        json.tokenStreamFactory().createParser(ObjectReadContext.empty(), bytes)) {
      parser.nextToken();
      Object read = form.read(parser);
      if (parser.nextToken() != null) {
        throw new StreamReadException(parser, "trailing content after the value");
      }
      return read;
    }
  }

  /** Encodes the context of an event, which the log keeps until it is erased. */
  public byte[] encodeContext(EventContext context) {
    return write(contextForm, context);
  }

  /**
   * Decodes what {@link #encodeContext} wrote; null if it was erased.
   *
   * @throws IllegalStateException if the bytes are not a context
   */
  public @Nullable EventContext decodeContext(byte @Nullable [] context) {
    if (context == null) {
      return null;
    }
    try {
      return (EventContext) read(contextForm, context);
    } catch (JacksonException e) {
      throw new IllegalStateException("cannot decode the context of an event", e);
    }
  }

  /** Returns the fields of an event as the audit shows them: without digest and pepper version. */
  public ObjectNode auditData(LedgerEvent event) {
    var data = (ObjectNode) json.readTree(encode(event));
    if (data.get("secret") instanceof ObjectNode secret) {
      secret.remove(List.of("digest", "pepperVersion"));
      if (secret.isEmpty()) {
        data.remove("secret");
      }
    }
    return data;
  }
}
