package dev.keyledger.verification.decision;

/**
 * A permission, {@code action:resource[:more]}, or a pattern of permissions.
 *
 * <p>It has 2 to 8 segments, each {@code [a-z0-9][a-z0-9._-]*} or {@code *}, and at most 128
 * characters. {@code *} matches one segment, a trailing {@code *} one or more. A leading {@code *}
 * never matches {@code keyledger}: Keyledger's own permissions must be held literally or as {@code
 * keyledger:...}.
 *
 * @param value the text
 */
public record Permission(String value) {
  /** The maximum length, in characters. */
  public static final int LENGTH_MAX = 128;

  /** The maximum number of segments; the minimum is 2. */
  public static final int SEGMENTS_MAX = 8;

  private static final String OWN = "keyledger";
  private static final String OF_ITSELF = OWN + ":self:";

  /**
   * @throws IllegalArgumentException if the text has another form
   */
  public Permission {
    if (!hasForm(value)) {
      throw new IllegalArgumentException(
          "must be 2 to 8 segments separated by ':', each * or characters of a-z 0-9 . _ - beginning"
              + " with a letter or digit, 128 characters at most");
    }
  }

  /** Whether it contains no {@code *}, so that it is one permission and not a pattern. */
  public boolean isLiteral() {
    return value.indexOf('*') < 0;
  }

  /** Whether it is one of Keyledger's own permissions, which are for operators. */
  public boolean isKeyledgers() {
    return value.startsWith(OWN + ":");
  }

  /**
   * Whether a key that holds it is an operator's: one of Keyledger's own permissions, except those
   * that let a key do something to itself only.
   */
  public boolean isOperators() {
    return isKeyledgers() && !value.startsWith(OF_ITSELF);
  }

  /** Whether this matches every literal permission that the other one matches. */
  public boolean covers(Permission other) {
    return covers(value, other.value);
  }

  /** Returns the text. */
  @Override
  public String toString() {
    return value;
  }

  /**
   * Like {@link #covers(Permission)}, for any number of segments: the pattern of a ceiling is
   * matched against {@code keyledger:grant:} followed by a permission.
   */
  static boolean covers(String pattern, String other) {
    int p = 0;
    int o = 0;
    while (true) {
      int pEnd = segmentEnd(pattern, p);
      int oEnd = segmentEnd(other, o);
      boolean pLast = pEnd == pattern.length();
      boolean oLast = oEnd == other.length();
      if (!coversSegment(pattern, p, pEnd, other, o, oEnd)) {
        return false;
      }
      if (pLast) {
        return isWildcard(pattern, p, pEnd) || (oLast && !isWildcard(other, o, oEnd));
      }
      if (oLast) {
        return false;
      }
      p = pEnd + 1;
      o = oEnd + 1;
    }
  }

  private static boolean coversSegment(
      String pattern, int p, int pEnd, String other, int o, int oEnd) {
    if (isWildcard(pattern, p, pEnd)) {
      return p > 0 || !isSame(OWN, 0, OWN.length(), other, o, oEnd);
    }
    return isSame(pattern, p, pEnd, other, o, oEnd);
  }

  private static boolean isSame(String a, int aFrom, int aEnd, String b, int bFrom, int bEnd) {
    int length = aEnd - aFrom;
    return length == bEnd - bFrom && a.regionMatches(aFrom, b, bFrom, length);
  }

  private static boolean isWildcard(String text, int from, int end) {
    return end - from == 1 && text.charAt(from) == '*';
  }

  private static int segmentEnd(String text, int from) {
    int colon = text.indexOf(':', from);
    return colon < 0 ? text.length() : colon;
  }

  private static boolean hasForm(String value) {
    if (value.length() > LENGTH_MAX) {
      return false;
    }
    int segments = 1;
    int from = 0;
    for (int end; (end = segmentEnd(value, from)) < value.length(); from = end + 1) {
      if (!isSegment(value, from, end)) {
        return false;
      }
      segments++;
    }
    return segments >= 2 && segments <= SEGMENTS_MAX && isSegment(value, from, value.length());
  }

  private static boolean isSegment(String value, int from, int end) {
    if (isWildcard(value, from, end)) {
      return true;
    }
    for (int i = from; i < end; i++) {
      char c = value.charAt(i);
      boolean letterOrDigit = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
      if (!letterOrDigit && (i == from || (c != '.' && c != '_' && c != '-'))) {
        return false;
      }
    }
    return end > from;
  }
}
