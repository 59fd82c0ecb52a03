package dev.keyledger.log;

import dev.keyledger.events.Digest;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamReadException;

/**
 * The JSON form of one record class, read and written token by token. Reading rejects anything that
 * deviates from the form: an unknown, repeated or missing field, a null, a number in quotes. Only a
 * {@link Nullable} field may be absent. Equal records are written as equal bytes: the fields in
 * declared order, null fields omitted. Appending and replaying spend most of their time here, so
 * all reflection happens at construction.
 *
 * <p>Thread-safe.
 */
final class RecordForm {
  /** Reads the value at the parser's current token. */
  private interface Reading {
    Object read(JsonParser parser) throws JacksonException;
  }

  private interface Writing<T> {
    void write(JsonGenerator json, T value) throws JacksonException;
  }

  /** The reading and writing of the values of one type. */
  private record Value(Reading reading, Writing<Object> writing) {
    static <T> Value of(Class<T> type, Reading reading, Writing<T> writing) {
      return new Value(reading, (json, value) -> writing.write(json, type.cast(value)));
    }

    static <T> Value text(Class<T> type, Function<String, T> form, Function<T, String> text) {
      return of(
          type,
          parser -> parsed(parser, form),
          (json, value) -> json.writeString(text.apply(value)));
    }
  }

  private static final Value FLAG =
      Value.of(Boolean.class, JsonParser::getBooleanValue, JsonGenerator::writeBoolean);

  private static final Map<Class<?>, Value> SCALARS =
      Map.of(
          String.class, Value.of(String.class, RecordForm::text, JsonGenerator::writeString),
          Instant.class, Value.text(Instant.class, RecordForm::instant, RecordForm::textOf),
          Duration.class, Value.text(Duration.class, RecordForm::duration, RecordForm::textOf),
          Digest.class, Value.text(Digest.class, Digest::parse, Digest::toString),
          int.class,
              Value.of(
                  Integer.class,
                  parser -> number(parser).getIntValue(),
                  JsonGenerator::writeNumber),
          long.class,
              Value.of(
                  Long.class, parser -> number(parser).getLongValue(), JsonGenerator::writeNumber),
          boolean.class, FLAG,
          Boolean.class, FLAG);

  private static final long SECONDS_OF_DAY = Duration.ofDays(1).toSeconds();
  private static final long YEAR_10000 = 253_402_300_800L;
  private static final int NANOS_OF_A_MILLI = 1_000_000;
  private static final int NANO_DIGITS = 9;

  private final Map<String, Integer> slots = new HashMap<>();
  private final String[] names;
  private final Value[] values;
  private final boolean[] optional;
  private final MethodHandle[] accessors;
  private final MethodHandle constructor;

  RecordForm(Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    names = new String[components.length];
    values = new Value[components.length];
    optional = new boolean[components.length];
    accessors = new MethodHandle[components.length];
    for (int i = 0; i < components.length; i++) {
      names[i] = components[i].getName();
      values[i] = valueOf(components[i].getGenericType());
      optional[i] = components[i].getAnnotatedType().isAnnotationPresent(Nullable.class);
      accessors[i] = accessorOf(components[i]);
      slots.put(names[i], i);
    }
    constructor = constructorOf(type, components);
  }

  private static MethodHandle constructorOf(Class<?> type, RecordComponent[] components) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      return MethodHandles.publicLookup()
          .unreflectConstructor(type.getConstructor(types))
          .asSpreader(Object[].class, types.length)
          .asType(MethodType.methodType(Object.class, Object[].class));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot access the constructor of " + type, e);
    }
  }

  private static MethodHandle accessorOf(RecordComponent component) {
    try {
      return MethodHandles.publicLookup()
          .unreflect(component.getAccessor())
          .asType(MethodType.methodType(Object.class, Object.class));
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("cannot access " + component, e);
    }
  }

  private static Value valueOf(Type type) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      return generic.getRawType() == List.class
          ? listOf(valueOf(arguments[0]))
          : mapOf(valueOf(arguments[1]));
    }
    Class<?> plain = (Class<?>) type;
    Value scalar = SCALARS.get(plain);
    if (scalar != null) {
      return scalar;
    }
    if (plain.isEnum()) {
      return enumOf(plain);
    }
    if (plain.isRecord()) {
      var nested = new RecordForm(plain);
      return new Value(nested::read, nested::write);
    }
    throw new IllegalStateException("unsupported type in an event: " + plain);
  }

  /**
   * Reads the record that starts at the parser's current token.
   *
   * @throws JacksonException if it does not have exactly the declared form
   */
  Object read(JsonParser parser) {
    expect(parser, JsonToken.START_OBJECT);
    var read = new @Nullable Object[values.length];
    int next = 0;
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      // Fields usually come in declared order.
      int slot = next < names.length && names[next].equals(name) ? next : slotOf(parser, name);
      if (read[slot] != null) {
        throw refusal(parser, "duplicate field " + name);
      }
      parser.nextToken();
      read[slot] = values[slot].reading.read(parser);
      next = slot + 1;
    }
    expect(parser, JsonToken.END_OBJECT);
    for (int slot = 0; slot < read.length; slot++) {
      if (read[slot] == null && !optional[slot]) {
        throw refusal(parser, "missing field " + names[slot]);
      }
    }
    return make(parser, read);
  }

  private int slotOf(JsonParser parser, String name) {
    Integer slot = slots.get(name);
    if (slot == null) {
      throw refusal(parser, "unknown field");
    }
    return slot;
  }

  private Object make(JsonParser parser, @Nullable Object[] components) {
    try {
      return (Object) constructor.invokeExact(components);
    } catch (IllegalArgumentException e) {
      throw refusal(parser, "invalid value: " + e.getMessage());
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a record's constructor threw a checked exception", e);
    }
  }

  /** Writes a record of the class. */
  void write(JsonGenerator json, Object value) {
    json.writeStartObject();
    for (int i = 0; i < names.length; i++) {
      Object component = componentOf(value, i);
      if (component != null) {
        json.writeName(names[i]);
        values[i].writing.write(json, component);
      }
    }
    json.writeEndObject();
  }

  private @Nullable Object componentOf(Object value, int index) {
    try {
      return (Object) accessors[index].invokeExact(value);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a record's accessor threw a checked exception", e);
    }
  }

  private static Value listOf(Value element) {
    return Value.of(
        List.class,
        parser -> {
          expect(parser, JsonToken.START_ARRAY);
          var list = new ArrayList<Object>();
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(element.reading.read(parser));
          }
          return list;
        },
        (json, list) -> {
          json.writeStartArray();
          for (Object entry : list) {
            element.writing.write(json, entry);
          }
          json.writeEndArray();
        });
  }

  private static Value mapOf(Value value) {
    return Value.of(
        Map.class,
        parser -> {
          expect(parser, JsonToken.START_OBJECT);
          var map = new HashMap<String, Object>();
          for (String name = parser.nextName(); name != null; name = parser.nextName()) {
            parser.nextToken();
            if (map.put(name, value.reading.read(parser)) != null) {
              throw refusal(parser, "duplicate entry");
            }
          }
          expect(parser, JsonToken.END_OBJECT);
          return map;
        },
        (json, map) -> {
          json.writeStartObject();
          Map<?, ?> sorted = map.size() < 2 ? map : new TreeMap<Object, Object>(map);
          for (Map.Entry<?, ?> entry : sorted.entrySet()) {
            json.writeName((String) entry.getKey());
            value.writing.write(json, entry.getValue());
          }
          json.writeEndObject();
        });
  }

  private static Value enumOf(Class<?> type) {
    Map<String, Object> constants =
        Arrays.stream(type.getEnumConstants())
            .collect(Collectors.toUnmodifiableMap(Object::toString, Function.identity()));
    return new Value(
        parser -> {
          Object constant = constants.get(text(parser));
          if (constant == null) {
            throw refusal(parser, "unknown value");
          }
          return constant;
        },
        (json, constant) -> json.writeString(constant.toString()));
  }

  private static String text(JsonParser parser) {
    expect(parser, JsonToken.VALUE_STRING);
    return parser.getString();
  }

  private static JsonParser number(JsonParser parser) {
    expect(parser, JsonToken.VALUE_NUMBER_INT);
    return parser;
  }

  private static <T> T parsed(JsonParser parser, Function<String, T> form) {
    String text = text(parser);
    try {
      return form.apply(text);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw refusal(parser, "invalid value: " + e.getMessage());
    }
  }

  /**
   * Equivalent to {@link Instant#parse}, with a fast path for what {@link Instant#toString} writes.
   */
  static Instant instant(String text) {
    int end = text.length() - 1;
    boolean usual =
        end >= 19
            && text.charAt(4) == '-'
            && text.charAt(7) == '-'
            && text.charAt(10) == 'T'
            && text.charAt(13) == ':'
            && text.charAt(16) == ':'
            && text.charAt(end) == 'Z';
    int year = usual ? digits(text, 0, 4) : -1;
    int hour = usual ? digits(text, 11, 13) : -1;
    int minute = usual ? digits(text, 14, 16) : -1;
    int second = usual ? digits(text, 17, 19) : -1;
    int nanos = usual ? nanos(text, end) : -1;
    int month = usual ? digits(text, 5, 7) : -1;
    int day = usual ? digits(text, 8, 10) : -1;
    if (year < 0 || month < 0 || day < 0 || nanos < 0) {
      return Instant.parse(text);
    }
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
      return Instant.parse(text);
    }
    long days = LocalDate.of(year, month, day).toEpochDay();
    return Instant.ofEpochSecond(
        days * SECONDS_OF_DAY + hour * 3600L + minute * 60L + second, nanos);
  }

  /**
   * Parses the fraction of a second that ends before the Z at {@code end}; -1 if not in the usual
   * form.
   */
  private static int nanos(String text, int end) {
    int count = end - 20;
    if (end == 19) {
      return 0;
    }
    if (count < 1 || count > NANO_DIGITS || text.charAt(19) != '.') {
      return -1;
    }
    int nanos = digits(text, 20, end);
    for (int i = count; i < NANO_DIGITS && nanos > 0; i++) {
      nanos *= 10;
    }
    return nanos;
  }

  /** Parses a range of decimal digits; -1 if it contains any other character. */
  private static int digits(String text, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  /** Equivalent to {@link Duration#parse}, with a fast path for a number of days. */
  static Duration duration(String text) {
    int end = text.length() - 1;
    if (end >= 2 && end <= 6 && text.charAt(0) == 'P' && text.charAt(end) == 'D') {
      int days = digits(text, 1, end);
      if (days >= 0) {
        return Duration.ofDays(days);
      }
    }
    return Duration.parse(text);
  }

  /**
   * Equivalent to {@link Instant#toString}, with a fast path for whole milliseconds from 1970 to
   * 9999.
   */
  static String textOf(Instant time) {
    long seconds = time.getEpochSecond();
    int millis = time.getNano() / NANOS_OF_A_MILLI;
    if (seconds < 0 || seconds >= YEAR_10000 || time.getNano() != millis * NANOS_OF_A_MILLI) {
      return time.toString();
    }
    LocalDate date = LocalDate.ofEpochDay(seconds / SECONDS_OF_DAY);
    int ofDay = (int) (seconds % SECONDS_OF_DAY);
    var text = new StringBuilder("0000-00-00T00:00:00.000Z".length());
    digits(text, date.getYear(), 4).append('-');
    digits(text, date.getMonthValue(), 2).append('-');
    digits(text, date.getDayOfMonth(), 2).append('T');
    digits(text, ofDay / 3600, 2).append(':');
    digits(text, ofDay / 60 % 60, 2).append(':');
    digits(text, ofDay % 60, 2);
    if (millis > 0) {
      digits(text.append('.'), millis, 3);
    }
    return text.append('Z').toString();
  }

  private static StringBuilder digits(StringBuilder text, int number, int count) {
    int unit = 1;
    for (int i = 1; i < count; i++) {
      unit *= 10;
    }
    for (; unit > 0; unit /= 10) {
      text.append((char) ('0' + number / unit % 10));
    }
    return text;
  }

  /** Formats whole days as days, as the API contract does; {@link Duration#toString} uses hours. */
  static String textOf(Duration value) {
    long days = value.toDays();
    Duration rest = value.minusDays(days);
    String time = rest.isZero() ? "" : rest.toString().substring(1);
    return days <= 0 ? value.toString() : "P" + days + "D" + time;
  }

  private static void expect(JsonParser parser, JsonToken token) {
    if (!parser.hasToken(token)) {
      throw refusal(parser, "expected " + token + ", found " + parser.currentToken());
    }
  }

  private static StreamReadException refusal(JsonParser parser, String why) {
    return new StreamReadException(parser, why);
  }
}
