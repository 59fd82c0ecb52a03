package dev.keyledger.checking.http;

import java.time.Instant;
import java.util.Arrays;

/**
 * JSON text in UTF-8 (RFC 8259), written into one growing array. It does not check that the text is
 * complete. Not thread-safe.
 */
final class JsonText {
  private static final byte[] HEX = {
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'
  };
  private static final int ESCAPED_BYTES = 6;
  private static final int LONG_CHARS_MAX = 20;

  private byte[] bytes;
  private int size;
  private boolean first = true;

  /**
   * @param typicalBytes the initial capacity
   */
  JsonText(int typicalBytes) {
    bytes = new byte[typicalBytes];
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  void writeStartObject() {
    begin('{');
  }

  void writeEndObject() {
    end('}');
  }

  void writeEndArray() {
    end(']');
  }

  void writeObjectPropertyStart(String name) {
    name(name);
    begin('{');
  }

  void writeArrayPropertyStart(String name) {
    name(name);
    begin('[');
  }

  void writeStringProperty(String name, String value) {
    name(name);
    string(value);
  }

  void writeNumberProperty(String name, long value) {
    name(name);
    ensureCapacity(LONG_CHARS_MAX);
    String digits = Long.toString(value);
    ascii(digits);
  }

  void writeBooleanProperty(String name, boolean value) {
    name(name);
    ascii(value ? "true" : "false");
  }

  /** Writes a value that is JSON already. */
  void writeJsonProperty(String name, byte[] json) {
    name(name);
    ensureCapacity(json.length);
    System.arraycopy(json, 0, bytes, size, json.length);
    size += json.length;
  }

  /** Writes a time as a string, in the form of {@link Instant#toString}. */
  void writeTimeProperty(String name, Instant time) {
    name(name);
    if (!UtcText.hasFourDigitYear(time)) {
      string(time.toString());
      return;
    }
    ensureCapacity(UtcText.BYTES_MAX + 2);
    bytes[size++] = '"';
    size = UtcText.write(time, bytes, size);
    bytes[size++] = '"';
  }

  void writeString(String value) {
    separate();
    string(value);
  }

  private void begin(char bracket) {
    if (size > 0 && bytes[size - 1] != ':') {
      separate();
    }
    ensureCapacity(1);
    bytes[size++] = (byte) bracket;
    first = true;
  }

  private void end(char bracket) {
    ensureCapacity(1);
    bytes[size++] = (byte) bracket;
    first = false;
  }

  private void separate() {
    if (!first) {
      ensureCapacity(1);
      bytes[size++] = ',';
    }
    first = false;
  }

  /** Writes a name, which may come from a client: metadata have names too. */
  private void name(String name) {
    separate();
    string(name);
    ensureCapacity(1);
    bytes[size++] = ':';
  }

  private void string(String value) {
    int length = value.length();
    ensureCapacity(ESCAPED_BYTES * length + 2);
    byte[] to = bytes;
    int at = size;
    to[at++] = '"';
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
        to[at++] = (byte) c;
      } else {
        size = at;
        i += special(value, i);
        at = size;
      }
    }
    to[at++] = '"';
    size = at;
  }

  /**
   * Writes a character that is escaped or has several bytes.
   *
   * @return the number of further characters that were written
   */
  private int special(String value, int index) {
    char c = value.charAt(index);
    if (c == '"' || c == '\\') {
      bytes[size++] = '\\';
      bytes[size++] = (byte) c;
    } else if (c < ' ' || isHalf(value, index)) {
      escaped(c);
    } else {
      int codePoint = value.codePointAt(index);
      utf8(codePoint);
      return Character.charCount(codePoint) - 1;
    }
    return 0;
  }

  /** Returns whether a character is half of a surrogate pair, which has no form in UTF-8. */
  private static boolean isHalf(String value, int index) {
    return Character.isSurrogate(value.charAt(index))
        && Character.charCount(value.codePointAt(index)) == 1;
  }

  private void escaped(char c) {
    bytes[size++] = '\\';
    bytes[size++] = 'u';
    for (int shift = 12; shift >= 0; shift -= 4) {
      bytes[size++] = HEX[c >>> shift & 0xf];
    }
  }

  private void utf8(int codePoint) {
    if (codePoint < 0x80) {
      bytes[size++] = (byte) codePoint;
    } else if (codePoint < 0x800) {
      bytes[size++] = (byte) (0xc0 | codePoint >>> 6);
      continued(codePoint, 0);
    } else if (codePoint < 0x10000) {
      bytes[size++] = (byte) (0xe0 | codePoint >>> 12);
      continued(codePoint, 6);
    } else {
      bytes[size++] = (byte) (0xf0 | codePoint >>> 18);
      continued(codePoint, 12);
    }
  }

  private void continued(int codePoint, int highestShift) {
    for (int shift = highestShift; shift >= 0; shift -= 6) {
      bytes[size++] = (byte) (0x80 | (codePoint >>> shift & 0x3f));
    }
  }

  private void ascii(String text) {
    ensureCapacity(text.length());
    for (int i = 0; i < text.length(); i++) {
      bytes[size++] = (byte) text.charAt(i);
    }
  }

  private void ensureCapacity(int count) {
    if (bytes.length - size < count) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + count));
    }
  }
}
