package dev.keyledger.verifylog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds the members of a JSON object (RFC 8259) within a text, and creates no object for them. Each
 * known name occurs at most once, and names have no escapes, so that no other reader can see
 * another value under a name. Reusable; not thread-safe.
 */
final class Members {
  /** The maximum depth of a line. */
  static final int DEPTH_MAX = 32;

  /** The maximum number of unknown names that are remembered. */
  static final int UNKNOWN_MAX = 20;

  /** The maximum length at which they are remembered. */
  private static final int UNKNOWN_LENGTH_MAX = 64;

  private static final JsonMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGHS = 0x8080_8080_8080_8080L;

  private final byte[][] names;
  private final int[] from;
  private final int[] to;

  /** The text of {@link #read}; empty before the first one. */
  private byte[] text = {};

  private int at;
  private int end;

  Members(String... names) {
    this.names = Arrays.stream(names).map(name -> name.getBytes(UTF_8)).toArray(byte[][]::new);
    from = new int[names.length];
    to = new int[names.length];
  }

  /**
   * Finds the members of an object.
   *
   * @param unknown is given the names that are not known
   * @throws WrongException if there is anything but one such object
   */
  void read(byte[] json, int start, int stop, Set<String> unknown) throws WrongException {
    open(json, start, stop);
    Arrays.fill(from, -1);
    while (next()) {
      int known = indexOf(nameFrom, nameTo);
      if (known < 0) {
        if (unknown.size() < UNKNOWN_MAX) {
          unknown.add(printable(json, nameFrom, nameTo));
        }
      } else if (from[known] >= 0) {
        throw new WrongException(
            "has %s twice".formatted(new String(json, nameFrom, nameTo - nameFrom, UTF_8)));
      } else {
        from[known] = valueFrom;
        to[known] = valueTo;
      }
    }
  }

  /** Returns a name as it can be shown on a terminal. */
  private static String printable(byte[] json, int start, int stop) {
    int length = Math.min(stop - start, UNKNOWN_LENGTH_MAX);
    return new String(json, start, length, UTF_8).replaceAll("[^ -~]", "?");
  }

  private int indexOf(int nameStart, int nameEnd) {
    for (int i = 0; i < names.length; i++) {
      if (names[i].length == nameEnd - nameStart
          && Arrays.equals(names[i], 0, names[i].length, text, nameStart, nameEnd)) {
        return i;
      }
    }
    return -1;
  }

  boolean has(int name) {
    return from[name] >= 0;
  }

  /** Returns where the value of a member begins; -1: there is no such member. */
  int from(int name) {
    return from[name];
  }

  int to(int name) {
    return to[name];
  }

  /**
   * @throws WrongException if there is no such member
   */
  void require(int name) throws WrongException {
    if (!has(name)) {
      throw new WrongException("has no " + new String(names[name], UTF_8));
    }
  }

  /** Returns whether a member is a string with these characters, given in UTF-8. */
  boolean isText(int name, byte[] expected, int expectedFrom, int expectedTo)
      throws WrongException {
    if (!has(name) || text[from[name]] != '"') {
      return false;
    }
    int start = from[name] + 1;
    int stop = to[name] - 1;
    if (!hasEscape(text, start, stop)) {
      return Arrays.equals(text, start, stop, expected, expectedFrom, expectedTo);
    }
    byte[] characters = text(name).getBytes(UTF_8);
    return Arrays.equals(characters, 0, characters.length, expected, expectedFrom, expectedTo);
  }

  /** Returns whether a member is written with exactly these bytes. */
  boolean isRaw(int name, byte[] expected) {
    return has(name) && Arrays.equals(text, from[name], to[name], expected, 0, expected.length);
  }

  /**
   * Returns the characters of a string.
   *
   * @throws WrongException if there is no such member, or it is no string
   */
  String text(int name) throws WrongException {
    require(name);
    if (text[from[name]] != '"') {
      throw new WrongException(new String(names[name], UTF_8) + " is not a string");
    }
    return hasEscape(text, from[name], to[name])
        ? tree(text, from[name], to[name]).asString()
        : new String(text, from[name] + 1, to[name] - from[name] - 2, UTF_8);
  }

  private static boolean hasEscape(byte[] json, int start, int stop) {
    for (int i = start; i < stop; i++) {
      if (json[i] == '\\') {
        return true;
      }
    }
    return false;
  }

  /** Reads a value the slow way, with all its names unique. */
  static JsonNode tree(byte[] json, int start, int stop) throws WrongException {
    try {
      return STRICT.readTree(json, start, stop - start);
    } catch (JacksonException _) {
      throw new WrongException("has JSON that is malformed, or has a name twice");
    }
  }

  // The members one by one, for callers that compare objects in order.

  private int nameFrom;
  private int nameTo;
  private int valueFrom;
  private int valueTo;
  private boolean first;

  void open(byte[] json, int start, int stop) throws WrongException {
    text = json;
    at = start;
    end = stop;
    first = true;
    skipSpace();
    expect('{');
  }

  /** Goes to the next member; false: there is none, nor anything else. */
  boolean next() throws WrongException {
    skipSpace();
    if (peek() == '}') {
      at++;
      skipSpace();
      if (at != end) {
        throw malformed();
      }
      return false;
    }
    if (!first) {
      expect(',');
      skipSpace();
    }
    first = false;
    nameFrom = at + 1;
    skipString();
    nameTo = at - 1;
    if (hasEscape(text, nameFrom, nameTo)) {
      throw new WrongException("has a name with an escape");
    }
    skipSpace();
    expect(':');
    skipSpace();
    valueFrom = at;
    skipValue(1);
    valueTo = at;
    return true;
  }

  boolean isNamed(byte[] name) {
    return Arrays.equals(name, 0, name.length, text, nameFrom, nameTo);
  }

  /** Returns whether another object's current member has the same name and is written the same. */
  boolean isSameAs(Members other) {
    return Arrays.equals(text, nameFrom, nameTo, other.text, other.nameFrom, other.nameTo)
        && Arrays.equals(text, valueFrom, valueTo, other.text, other.valueFrom, other.valueTo);
  }

  int valueFrom() {
    return valueFrom;
  }

  int valueTo() {
    return valueTo;
  }

  private int peek() throws WrongException {
    if (at >= end) {
      throw malformed();
    }
    return text[at];
  }

  private void expect(char c) throws WrongException {
    if (peek() != c) {
      throw malformed();
    }
    at++;
  }

  private void skipSpace() {
    while (at < end
        && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) {
      at++;
    }
  }

  private void skipValue(int depth) throws WrongException {
    switch (peek()) {
      case '"' -> skipString();
      case '{' -> skipObject(depth + 1);
      case '[' -> skipArray(depth + 1);
      case 't' -> skipWord("true");
      case 'f' -> skipWord("false");
      case 'n' -> skipWord("null");
      default -> skipNumber();
    }
  }

  private void skipObject(int depth) throws WrongException {
    requireShallow(depth);
    at++;
    skipSpace();
    if (peek() == '}') {
      at++;
      return;
    }
    while (true) {
      skipSpace();
      skipString();
      skipSpace();
      expect(':');
      skipSpace();
      skipValue(depth);
      skipSpace();
      if (peek() == '}') {
        at++;
        return;
      }
      expect(',');
    }
  }

  private void skipArray(int depth) throws WrongException {
    requireShallow(depth);
    at++;
    skipSpace();
    if (peek() == ']') {
      at++;
      return;
    }
    while (true) {
      skipSpace();
      skipValue(depth);
      skipSpace();
      if (peek() == ']') {
        at++;
        return;
      }
      expect(',');
    }
  }

  private static void requireShallow(int depth) throws WrongException {
    if (depth > DEPTH_MAX) {
      throw new WrongException("has JSON of more than %d levels".formatted(DEPTH_MAX));
    }
  }

  /** Looks at eight bytes at a time, as most of a line is within strings. */
  private void skipString() throws WrongException {
    expect('"');
    int i = at;
    while (true) {
      while (i + Long.BYTES <= end && isPlain((long) LONGS.get(text, i))) {
        i += Long.BYTES;
      }
      if (i >= end) {
        throw malformed();
      }
      byte c = text[i++];
      if (c == '"') {
        at = i;
        return;
      }
      if (c == '\\') {
        at = i;
        skipEscape();
        i = at;
      } else if (c >= 0 && c < ' ') {
        throw malformed();
      }
    }
  }

  /**
   * Returns whether no byte of a word is a quote, a backslash or a control character; possibly not
   * if one is above such a byte (Warren, Hacker's Delight, 6-1).
   */
  private static boolean isPlain(long word) {
    long quotes = word ^ (ONES * '"');
    long backslashes = word ^ (ONES * '\\');
    long found =
        ((quotes - ONES) & ~quotes)
            | ((backslashes - ONES) & ~backslashes)
            | ((word - (ONES * ' ')) & ~word);
    return (found & HIGHS) == 0;
  }

  private void skipEscape() throws WrongException {
    int c = peek();
    at++;
    if (c == 'u') {
      for (int i = 0; i < 4; i++) {
        if (Character.digit(peek(), 16) < 0) {
          throw malformed();
        }
        at++;
      }
    } else if ("\"\\/bfnrt".indexOf(c) < 0) {
      throw malformed();
    }
  }

  private void skipWord(String word) throws WrongException {
    for (int i = 0; i < word.length(); i++) {
      expect(word.charAt(i));
    }
  }

  private void skipNumber() throws WrongException {
    if (peek() == '-') {
      at++;
    }
    if (peek() == '0') {
      at++;
    } else {
      skipDigits();
    }
    if (at < end && text[at] == '.') {
      at++;
      skipDigits();
    }
    if (at < end && (text[at] == 'e' || text[at] == 'E')) {
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      skipDigits();
    }
  }

  private void skipDigits() throws WrongException {
    int start = at;
    while (at < end && text[at] >= '0' && text[at] <= '9') {
      at++;
    }
    if (at == start) {
      throw malformed();
    }
  }

  private static WrongException malformed() {
    return new WrongException("is not a JSON object");
  }
}
