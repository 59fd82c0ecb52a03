package dev.keyledger.verifylog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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
final class JsonScanner {
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

  private final byte[][] names;
  private final int[] from;
  private final int[] to;

  /** True for each member that is a string with an escape. */
  private final boolean[] escaped;

  /** The member whose own members are found on the way, and its scanner. */
  private int nestedName = -1;

  private @Nullable JsonScanner nested;

  /** The depth of the object in its line; 1 is the line itself. */
  private int depth = 1;

  /** The text of {@link #read}; empty before the first one. */
  private byte[] text = {};

  /** True if a newline ends the text. */
  private boolean isInLine;

  private int at;
  private int end;

  JsonScanner(String... names) {
    this.names = Arrays.stream(names).map(name -> name.getBytes(UTF_8)).toArray(byte[][]::new);
    from = new int[names.length];
    to = new int[names.length];
    escaped = new boolean[names.length];
  }

  /** Finds the members of a member, too, whenever that is an object. */
  void with(int name, JsonScanner inner) {
    nestedName = name;
    nested = inner;
    inner.depth = depth + 1;
  }

  /**
   * Finds the members of an object.
   *
   * @param unknown is given the names that are not known
   * @throws WrongException if there is anything but one such object
   */
  void read(byte[] json, int start, int stop, Set<String> unknown) throws WrongException {
    readAt(json, start, stop, unknown);
    requireEnd();
  }

  /**
   * Finds the members of an object that is all of a line.
   *
   * @param stop the end of the text, in which lines end with a newline
   * @return where the next line begins
   * @throws WrongException if the line is not one object
   */
  int readLine(byte[] json, int start, int stop, Set<String> unknown) throws WrongException {
    isInLine = true;
    if (nested != null) {
      nested.isInLine = true;
    }
    readAt(json, start, stop, unknown);
    skipSpace();
    expect('\n');
    return at;
  }

  private void readAt(byte[] json, int start, int stop, Set<String> unknown) throws WrongException {
    open(json, start, stop);
    Arrays.fill(from, -1);
    while (nextName()) {
      int known = indexOf(nameFrom, nameTo);
      if (known >= 0 && from[known] >= 0) {
        throw new WrongException(
            "has %s twice".formatted(new String(json, nameFrom, nameTo - nameFrom, UTF_8)));
      }
      if (known < 0 && unknown.size() < UNKNOWN_MAX) {
        unknown.add(printable(json, nameFrom, nameTo));
      }
      valueFrom = at;
      if (nested != null && known == nestedName && peek() == '{') {
        nested.readAt(json, at, stop, unknown);
        at = nested.at;
      } else {
        skipValue(depth);
      }
      if (known >= 0) {
        from[known] = valueFrom;
        to[known] = at;
        escaped[known] = hasEscape;
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
    if (!escaped[name]) {
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
    return escaped[name]
        ? tree(text, from[name], to[name]).asString()
        : new String(text, from[name] + 1, to[name] - from[name] - 2, UTF_8);
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

  /** True if the last string has an escape. */
  private boolean hasEscape;

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
    if (!nextName()) {
      requireEnd();
      return false;
    }
    valueFrom = at;
    skipValue(depth);
    valueTo = at;
    return true;
  }

  private void requireEnd() throws WrongException {
    skipSpace();
    if (at != end) {
      throw malformed();
    }
  }

  /** Goes to the value of the next member; false: the object has ended. */
  private boolean nextName() throws WrongException {
    skipSpace();
    if (peek() == '}') {
      at++;
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
    if (hasEscape) {
      throw new WrongException("has a name with an escape");
    }
    skipSpace();
    expect(':');
    skipSpace();
    return true;
  }

  boolean isNamed(byte[] name) {
    return Arrays.equals(name, 0, name.length, text, nameFrom, nameTo);
  }

  /** Returns whether another object's current member has the same name and is written the same. */
  boolean isSameAs(JsonScanner other) {
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
        && (text[at] == ' '
            || text[at] == '\t'
            || text[at] == '\r'
            || (text[at] == '\n' && !isInLine))) {
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

  private void skipString() throws WrongException {
    expect('"');
    hasEscape = false;
    while (true) {
      at = ByteSearch.endOfPlainText(text, at, end);
      int c = peek();
      at++;
      if (c == '"') {
        return;
      }
      if (c != '\\') {
        throw malformed();
      }
      hasEscape = true;
      skipEscape();
    }
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
