package dev.keyledger.client;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The fields of a JSON object in a response. Unknown fields are ignored. */
final class Fields {
  private final Map<?, ?> fields;

  private Fields(Map<?, ?> fields) {
    this.fields = fields;
  }

  /**
   * Reads the object that a text holds.
   *
   * @throws KeyledgerException.Unexpected if it holds none
   */
  static Fields read(String text) {
    try {
      return of(Json.read(text));
    } catch (IllegalArgumentException noJson) {
      throw new KeyledgerException.Unexpected("The answer is no JSON: " + noJson.getMessage());
    }
  }

  static Fields of(@Nullable Object value) {
    if (value instanceof Map<?, ?> fields) {
      return new Fields(fields);
    }
    throw new KeyledgerException.Unexpected("The answer has something else where an object is due");
  }

  boolean has(String name) {
    return fields.get(name) != null;
  }

  String text(String name) {
    return required(name, optionalText(name));
  }

  @Nullable String optionalText(String name) {
    return as(String.class, name);
  }

  boolean flag(String name) {
    return required(name, as(Boolean.class, name));
  }

  long number(String name) {
    return required(name, as(Long.class, name));
  }

  @Nullable Long optionalNumber(String name) {
    return as(Long.class, name);
  }

  Instant time(String name) {
    return required(name, optionalTime(name));
  }

  @Nullable Instant optionalTime(String name) {
    return parsed(name, Instant::parse);
  }

  Duration duration(String name) {
    return required(name, parsed(name, Duration::parse));
  }

  /** Returns the value of a field that a parser reads, or null without the field. */
  <T> @Nullable T parsed(String name, Function<String, T> parser) {
    String text = optionalText(name);
    if (text == null) {
      return null;
    }
    try {
      return parser.apply(text);
    } catch (DateTimeException | IllegalArgumentException other) {
      throw unexpected(name);
    }
  }

  <E extends Enum<E>> E constant(String name, E unknown) {
    return constantOf(text(name), unknown);
  }

  <E extends Enum<E>> @Nullable E optionalConstant(String name, E unknown) {
    String text = optionalText(name);
    return text == null ? null : constantOf(text, unknown);
  }

  /** Returns the fields of an object. */
  Fields required(String name) {
    return of(fields.get(name));
  }

  /** Returns an object, or null without the field. */
  <T> @Nullable T object(String name, Function<Fields, T> reader) {
    Object value = fields.get(name);
    return value == null ? null : reader.apply(of(value));
  }

  /** Returns an array of objects; empty without the field. */
  <T> List<T> objects(String name, Function<Fields, T> reader) {
    return list(name).stream().map(Fields::of).map(reader).toList();
  }

  /** Returns an array of texts; empty without the field. */
  List<String> texts(String name) {
    return list(name).stream()
        .map(value -> value instanceof String text ? text : required(name, (String) null))
        .toList();
  }

  /** Returns an object with any fields; empty without the field. */
  Map<String, Object> map(String name) {
    var all = new LinkedHashMap<String, Object>();
    Map<?, ?> values = as(Map.class, name);
    if (values != null) {
      values.forEach((key, value) -> {
        if (value != null) {
          all.put((String) key, value);
        }
      });
    }
    return all;
  }

  /** Returns an array of objects with any fields; empty without the field. */
  List<Map<String, Object>> maps(String name) {
    return list(name).stream().map(value -> of(Map.of(name, value)).map(name)).toList();
  }

  /** Returns an object whose values are texts; empty without the field. */
  Map<String, String> textMap(String name) {
    var all = new LinkedHashMap<String, String>();
    map(name).forEach((key, value) -> all.put(key, String.valueOf(value)));
    return all;
  }

  private List<?> list(String name) {
    List<?> values = as(List.class, name);
    return values == null ? List.of() : values;
  }

  private <T> @Nullable T as(Class<T> type, String name) {
    Object value = fields.get(name);
    if (value != null && !type.isInstance(value)) {
      throw unexpected(name);
    }
    return type.cast(value);
  }

  private static <T> T required(String name, @Nullable T value) {
    if (value == null) {
      throw unexpected(name);
    }
    return value;
  }

  private static KeyledgerException unexpected(String name) {
    return new KeyledgerException.Unexpected("The answer lacks a good value of the field " + name);
  }

  /** Returns the constant of a text; another one if this version does not know the text. */
  static <E extends Enum<E>> E constantOf(String text, E unknown) {
    try {
      return Enum.valueOf(
          unknown.getDeclaringClass(), text.toUpperCase(Locale.ROOT).replace('-', '_'));
    } catch (IllegalArgumentException newer) {
      return unknown;
    }
  }

  /** Returns the text that names a constant. */
  static String textOf(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
