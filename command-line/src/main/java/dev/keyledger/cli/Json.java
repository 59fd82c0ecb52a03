package dev.keyledger.cli;

import dev.keyledger.client.DecisionCode;
import dev.keyledger.client.Secret;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Writes JSON (RFC 8259) in the form of the HTTP interface: absent values are omitted. */
final class Json {
  private Json() {}

  /** Returns the fields of a record that are there. */
  static Map<String, Object> fields(Record value) {
    var fields = new LinkedHashMap<String, Object>();
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      Object field = read(component, value);
      if (field != null) {
        fields.put(component.getName(), field);
      }
    }
    return fields;
  }

  private static @Nullable Object read(RecordComponent component, Record value) {
    try {
      return component.getAccessor().invoke(value);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Returns the text of a value. */
  static String write(@Nullable Object value) {
    var to = new StringBuilder();
    write(value, to);
    return to.toString();
  }

  private static void write(@Nullable Object value, StringBuilder to) {
    switch (value) {
      case null -> to.append("null");
      case Record fields -> write(fields(fields), to);
      case Map<?, ?> fields -> writeObject(fields, to);
      case Iterable<?> values -> writeArray(values, to);
      case Optional<?> some -> write(some.orElse(null), to);
      case Number number -> to.append(number);
      case Boolean bool -> to.append(bool);
      case DecisionCode code -> writeString(code.name(), to);
      case Enum<?> constant -> writeString(Values.nameOf(constant), to);
      case Secret _ -> throw new IllegalArgumentException("a secret is never written by chance");
      default -> writeString(value.toString(), to);
    }
  }

  private static void writeObject(Map<?, ?> fields, StringBuilder to) {
    String before = "{";
    for (Map.Entry<?, ?> field : fields.entrySet()) {
      to.append(before);
      writeString(String.valueOf(field.getKey()), to);
      to.append(':');
      write(field.getValue(), to);
      before = ",";
    }
    to.append(fields.isEmpty() ? "{}" : "}");
  }

  private static void writeArray(Iterable<?> values, StringBuilder to) {
    to.append('[');
    String before = "";
    for (Object value : values) {
      to.append(before);
      write(value, to);
      before = ",";
    }
    to.append(']');
  }

  private static void writeString(String value, StringBuilder to) {
    to.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        to.append('\\').append(c);
      } else if (Character.isISOControl(c) || Character.getType(c) == Character.FORMAT) {
        to.append("\\u%04x".formatted((int) c));
      } else {
        to.append(c);
      }
    }
    to.append('"');
  }
}
