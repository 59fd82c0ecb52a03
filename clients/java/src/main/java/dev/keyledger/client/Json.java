package dev.keyledger.client;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes JSON (RFC 8259). Objects are maps, arrays are lists, and numbers are {@link
 * Long} or, with a fraction, an exponent or more digits, {@link BigDecimal}.
 */
final class Json {
  /** The maximum depth of nested objects and arrays that is read. */
  static final int DEPTH_MAX = 64;

  private static final int LONG_DIGITS_MAX = 18;

  private final String text;
  private int at;
  private int depth;

  private Json(String text) {
    this.text = text;
  }

  /**
   * Returns the value that a text holds.
   *
   * @throws IllegalArgumentException if the text is not JSON, has a name twice in one object, or is
   *     nested deeper than {@value #DEPTH_MAX}. The message holds nothing of the text
   */
  static @Nullable Object read(String text) {
    var json = new Json(text);
    Object value = json.value();
    if (json.peek() >= 0) {
      throw json.wrong("has more than one value");
    }
    return value;
  }

  /** Returns the text of maps with string keys, lists, texts, numbers and booleans. */
  static String write(Object value) {
    var to = new StringBuilder();
    write(value, to);
    return to.toString();
  }

  private @Nullable Object value() {
    int c = peek();
    return switch (c) {
      case '{' -> object();
      case '[' -> array();
      case '"' -> string();
      case 't' -> literal("true", true);
      case 'f' -> literal("false", false);
      case 'n' -> literal("null", null);
      default -> number();
    };
  }

  private Map<String, @Nullable Object> object() {
    enter();
    var fields = new LinkedHashMap<String, @Nullable Object>();
    if (peek() == '}') {
      at++;
    } else {
      do {
        if (peek() != '"') {
          throw wrong("has a field without a name");
        }
        String name = string();
        expect(':');
        if (fields.containsKey(name)) {
          throw wrong("has a name twice");
        }
        fields.put(name, value());
      } while (isNext(',', '}'));
    }
    depth--;
    return fields;
  }

  private List<@Nullable Object> array() {
    enter();
    var values = new ArrayList<@Nullable Object>();
    if (peek() == ']') {
      at++;
    } else {
      do {
        values.add(value());
      } while (isNext(',', ']'));
    }
    depth--;
    return values;
  }

  private void enter() {
    at++;
    if (++depth > DEPTH_MAX) {
      throw wrong("is nested too deeply");
    }
  }

  /** Consumes a separator, and returns true, or an end, and returns false. */
  private boolean isNext(char separator, char end) {
    int c = peek();
    if (c != separator && c != end) {
      throw wrong("lacks a separator or an end");
    }
    at++;
    return c == separator;
  }

  private void expect(char c) {
    if (peek() != c) {
      throw wrong("lacks a separator");
    }
    at++;
  }

  private @Nullable Object literal(String name, @Nullable Object value) {
    if (!text.startsWith(name, at)) {
      throw wrong("has an unknown value");
    }
    at += name.length();
    return value;
  }

  private String string() {
    int start = ++at;
    while (at < text.length() && text.charAt(at) != '"' && text.charAt(at) != '\\') {
      requireNoControl(text.charAt(at++));
    }
    if (at < text.length() && text.charAt(at) == '"') {
      return text.substring(start, at++);
    }
    var unescaped = new StringBuilder().append(text, start, at);
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return unescaped.toString();
      }
      requireNoControl(c);
      unescaped.append(c == '\\' ? escaped() : c);
    }
    throw wrong("ends within a string");
  }

  private char escaped() {
    char c = at < text.length() ? text.charAt(at++) : 0;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> throw wrong("has an unknown escape");
    };
  }

  private char unicode() {
    int value = 0;
    for (int i = 0; i < 4; i++, at++) {
      int digit = at < text.length() ? hexDigit(text.charAt(at)) : -1;
      if (digit < 0) {
        throw wrong("has an unknown escape");
      }
      value = value << 4 | digit;
    }
    return (char) value;
  }

  private static int hexDigit(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }

  private Number number() {
    int start = at;
    skip('-');
    int digits = at;
    if (!skip('0')) {
      skipDigits();
    }
    int integerEnd = at;
    if (skip('.')) {
      skipDigits();
    }
    if (skip('e') || skip('E')) {
      if (!skip('+')) {
        skip('-');
      }
      skipDigits();
    }
    String number = text.substring(start, at);
    return at == integerEnd && at - digits <= LONG_DIGITS_MAX
        ? (Number) Long.valueOf(number)
        : new BigDecimal(number);
  }

  private boolean skip(char c) {
    boolean found = at < text.length() && text.charAt(at) == c;
    at += found ? 1 : 0;
    return found;
  }

  private void skipDigits() {
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    if (at == start) {
      throw wrong("has an unknown value");
    }
  }

  /** Skips white space; returns the next character, or -1 at the end. */
  private int peek() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    return at < text.length() ? text.charAt(at) : -1;
  }

  private void requireNoControl(char c) {
    if (c < ' ') {
      throw wrong("has a control character in a string");
    }
  }

  private IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException("the JSON text " + what + ", at character " + at);
  }

  private static void write(@Nullable Object value, StringBuilder to) {
    if (value instanceof Map<?, ?> fields) {
      char before = '{';
      for (Map.Entry<?, ?> field : fields.entrySet()) {
        to.append(before);
        writeString((String) field.getKey(), to);
        to.append(':');
        write(field.getValue(), to);
        before = ',';
      }
      to.append(fields.isEmpty() ? "{}" : "}");
    } else if (value instanceof Iterable<?> values) {
      to.append('[');
      boolean first = true;
      for (Object each : values) {
        to.append(first ? "" : ",");
        write(each, to);
        first = false;
      }
      to.append(']');
    } else if (value instanceof String string) {
      writeString(string, to);
    } else if (value == null || value instanceof Number || value instanceof Boolean) {
      to.append(value);
    } else {
      throw new IllegalArgumentException("JSON has no " + value.getClass());
    }
  }

  private static void writeString(String value, StringBuilder to) {
    to.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        to.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        to.append(String.format("\\u%04x", (int) c));
      } else {
        to.append(c);
      }
    }
    to.append('"');
  }
}
