package dev.keyledger.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.keyledger.verification.secret.KeySecret;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.exc.InvalidNullException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/**
 * JSON according to the contract. Reading is strict and refuses other encodings, duplicate or
 * unknown fields, values of another type, text after the end, deep nesting. Null means absent: as a
 * body, as a field, as an entry of a map. A null in a list is refused.
 */
public final class StrictJson {
  /** The maximum depth of a body. */
  public static final int DEPTH_MAX = 16;

  private static final char BYTE_ORDER_MARK = '\ufeff';

  /** The mapper of everything that is read and written over HTTP. */
  public static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .changeDefaultPropertyInclusion(_ ->
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
          .addModule(
              new SimpleModule()
                  .addDeserializer(String.class, new StrictString())
                  .addDeserializer(KeySecret.class, new StrictSecret())
                  .addDeserializer(Instant.class, new StrictInstant())
                  .addDeserializer(Duration.class, new StrictDuration())
                  .addSerializer(Duration.class, new DurationText()))
          .build();

  /** The mapper of request bodies. */
  private static final JsonMapper BODIES =
      MAPPER
          .rebuild()
          .changeDefaultNullHandling(nulls -> nulls.withContentNulls(Nulls.FAIL))
          .withConfigOverride(
              Map.class, map -> map.setNullHandling(JsonSetter.Value.forContentNulls(Nulls.SKIP)))
          .build();

  private StrictJson() {}

  /**
   * Returns the content of a body. An empty body, and the body {@code null}, is read as an empty
   * object.
   *
   * @param type a record
   * @throws ProblemException with {@code bad-request} if the body does not match the type exactly
   */
  public static <T> T read(byte[] body, Class<T> type) {
    try {
      // As a tree first, so that a malformed body is refused before a field of the wrong type.
      return BODIES.treeToValue(object(body), type);
    } catch (UnrecognizedPropertyException unknown) {
      throw ProblemException.unreadable(pathOf(unknown), "is not known here");
    } catch (InvalidNullException isNull) {
      throw ProblemException.unreadable(pathOf(isNull), "must not be null; leave it out");
    } catch (DatabindException mistyped) {
      throw ProblemException.unreadable(pathOf(mistyped), expectationOf(mistyped));
    } catch (StreamReadException malformed) {
      throw malformed();
    } catch (JacksonException other) {
      throw new ProblemException(ProblemCode.BAD_REQUEST, "The body is not JSON.");
    }
  }

  /**
   * Returns the paths of the fields of a body that are null, such as {@code policy.maxLifetime}.
   *
   * @param body that {@link #read(byte[], Class)} has accepted
   */
  public static Set<String> nullFields(byte[] body) {
    var found = new TreeSet<String>();
    addNullFields(object(body), "", found);
    return found;
  }

  private static void addNullFields(JsonNode object, String prefix, Set<String> found) {
    object.forEachEntry((name, value) -> {
      if (value.isNull()) {
        found.add(prefix + name);
      } else if (value.isObject()) {
        addNullFields(value, prefix + name + ".", found);
      }
    });
  }

  private static JsonNode object(byte[] body) {
    JsonNode tree = BODIES.readTree(body.length == 0 ? "{}" : utf8(body));
    if (tree.isNull()) {
      return BODIES.createObjectNode();
    }
    if (!tree.isObject()) {
      throw new ProblemException(ProblemCode.BAD_REQUEST, "The body must be a JSON object.");
    }
    return tree;
  }

  /**
   * Returns the result of a reader that reads a body token by token. An empty body, and the body
   * {@code null}, is read as an empty object. For bodies that are read too often for a mapper: this
   * method checks the encoding, the form, duplicate fields, the depth and the end; the reader
   * checks unknown fields, types and nulls.
   *
   * @param reader called at the start of the object, returns at its end
   * @throws ProblemException with {@code bad-request} if the body is not a JSON object; and any
   *     exception of the reader
   */
  public static <T> T read(byte[] body, Function<JsonParser, T> reader) {
    String text = body.length == 0 ? "{}" : utf8(body);
    try (JsonParser parser = MAPPER.createParser(text)) {
      JsonToken first = parser.nextToken();
      if (first == JsonToken.VALUE_NULL && parser.nextToken() == null) {
        return read(new byte[0], reader);
      }
      if (first != JsonToken.START_OBJECT) {
        throw new ProblemException(ProblemCode.BAD_REQUEST, "The body must be a JSON object.");
      }
      T read = reader.apply(parser);
      if (parser.nextToken() != null) {
        throw malformed();
      }
      return read;
    } catch (JacksonException malformed) {
      throw malformed();
    }
  }

  private static ProblemException malformed() {
    return new ProblemException(
        ProblemCode.BAD_REQUEST,
        "The body is not JSON as it must be: well-formed, no field twice, at most "
            + DEPTH_MAX
            + " levels deep.");
  }

  /** Returns the text of a body, without a byte order mark (RFC 8259 section 8.1). */
  private static String utf8(byte[] body) {
    if (isAscii(body)) {
      return new String(body, StandardCharsets.ISO_8859_1);
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
      return text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    } catch (CharacterCodingException otherEncoding) {
      throw new ProblemException(ProblemCode.BAD_REQUEST, "The body is not UTF-8.");
    }
  }

  private static boolean isAscii(byte[] body) {
    int all = 0;
    for (byte b : body) {
      all |= b;
    }
    return all >= 0;
  }

  private static String pathOf(DatabindException problem) {
    String path =
        problem.getPath().stream()
            .map(step ->
                step.getPropertyName() == null
                    ? "[" + step.getIndex() + "]"
                    : "." + step.getPropertyName())
            .collect(Collectors.joining());
    return path.isEmpty() ? "body" : path.startsWith(".") ? path.substring(1) : path;
  }

  /**
   * Returns the expectation for the value. Jackson's own messages could quote the client's text.
   */
  private static String expectationOf(DatabindException mistyped) {
    return mistyped.getCause() instanceof IllegalArgumentException ours
        ? String.valueOf(ours.getMessage())
        : "is of the wrong type";
  }

  private abstract static class TextDeserializer<T> extends ValueDeserializer<T> {
    @Override
    public T deserialize(JsonParser parser, DeserializationContext context) {
      try {
        if (!parser.hasToken(JsonToken.VALUE_STRING)) {
          throw new IllegalArgumentException("must be a string");
        }
        return parse(parser.getString());
      } catch (IllegalArgumentException wrong) {
        throw DatabindException.from(parser, "not as expected", wrong);
      }
    }

    abstract T parse(String text);
  }

  /**
   * Replaces Jackson's deserializer together with its special case for lists of strings, which
   * takes {@code [["a"]]} for {@code ["a"]} and then loses its place (seen in 3.1.7).
   */
  private static final class StrictString extends TextDeserializer<String> {
    @Override
    String parse(String text) {
      return text;
    }
  }

  /** Wraps a secret at once, so that no later text form can show it. */
  private static final class StrictSecret extends TextDeserializer<KeySecret> {
    @Override
    KeySecret parse(String text) {
      return KeySecret.of(text);
    }
  }

  private static final class StrictInstant extends TextDeserializer<Instant> {
    @Override
    Instant parse(String text) {
      return Rfc3339.parse(text);
    }
  }

  private static final class StrictDuration extends TextDeserializer<Duration> {
    @Override
    Duration parse(String text) {
      return IsoDuration.parse(text);
    }
  }

  private static final class DurationText extends ValueSerializer<Duration> {
    @Override
    public void serialize(Duration value, JsonGenerator generator, SerializationContext context) {
      generator.writeString(IsoDuration.format(value));
    }
  }
}
