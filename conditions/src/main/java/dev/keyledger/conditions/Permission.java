package dev.keyledger.conditions;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A permission, or a pattern of permissions: a scope token (RFC 6749, section 3.3) without the
 * comma. Case is significant.
 *
 * <p>{@code :}, {@code .} and {@code /} separate its segments, which may be empty. {@code *} stands
 * for a whole segment: as the last of several for one or more segments with any separators, in any
 * other place for exactly one, and alone for everything. It never matches an empty segment, unless
 * it is alone, and in the first segment it never matches {@code keyledger} in any case. Separators
 * match only themselves.
 *
 * <p>{@code keyledger:grant:} is followed by a permission that is matched as if it stood alone.
 *
 * @param value the text
 */
public record Permission(String value) {
  /** The maximum length, in characters, but for the one of a grant. */
  public static final int LENGTH_MAX = 255;

  /** The maximum length of {@code keyledger:grant:} and a permission, in characters. */
  public static final int GRANT_LENGTH_MAX = 280;

  /** The maximum number of segments of a permission whose {@link #covering} ones are listed. */
  public static final int LISTED_SEGMENTS_MAX = 8;

  /** The prefix of the right to put a permission on a key; it ends with a separator. */
  static final String GRANT = "keyledger:grant:";

  private static final String RESERVED = "keyledger";
  private static final String OWN = RESERVED + ":";
  private static final String ALL_OWN = OWN + "*";
  private static final String OF_ITSELF = OWN + "self:";

  /** Keyledger's own permissions, in the order of the documentation; without the grants. */
  private static final List<String> KNOWN =
      List.of(
          "keyledger:keys:issue",
          "keyledger:keys:import",
          "keyledger:keys:renew",
          "keyledger:keys:rotate",
          "keyledger:keys:suspend",
          "keyledger:keys:revoke",
          "keyledger:keys:change",
          "keyledger:keys:read",
          "keyledger:audit:read",
          "keyledger:verify",
          "keyledger:webhooks",
          "keyledger:erase",
          "keyledger:feed:read",
          "keyledger:metrics:read",
          "keyledger:self:renew",
          "keyledger:self:rotate",
          ALL_OWN,
          "keyledger:keys:*",
          "keyledger:self:*",
          "keyledger:grant:*");

  private static final Set<String> KNOWN_SET = Set.copyOf(KNOWN);

  /**
   * Accepts permissions from events, including unknown ones in the reserved namespace. A permission
   * from a request must also be {@link #isKnown known}.
   *
   * @throws IllegalArgumentException if the text is malformed
   */
  public Permission {
    int lengthMax = value.startsWith(GRANT) ? GRANT_LENGTH_MAX : LENGTH_MAX;
    if (value.isEmpty() || value.length() > lengthMax) {
      throw new IllegalArgumentException("must have 1 to " + lengthMax + " characters");
    }
    requireTokens(value);
  }

  /** Returns Keyledger's own permissions, in the order of the documentation; without the grants. */
  public static List<String> allKnown() {
    return KNOWN;
  }

  /**
   * Returns whether a request may name it: its first segment is not {@code keyledger} in any case,
   * or it is one of Keyledger's own permissions.
   */
  public boolean isKnown() {
    return !isReserved(value, 0) || KNOWN_SET.contains(value) || isGrantOfCustomers(value);
  }

  /** Returns whether it contains no {@code *}, so that it is one permission and not a pattern. */
  public boolean isLiteral() {
    return value.indexOf('*') < 0;
  }

  /** Returns whether it is one of Keyledger's own permissions, which are for operators. */
  public boolean isKeyledgers() {
    return value.startsWith(OWN);
  }

  /**
   * Returns whether a key that holds it is an operator's: one of Keyledger's own permissions,
   * except those that let a key do something to itself only.
   */
  public boolean isOperators() {
    return isKeyledgers() && !isOfItself();
  }

  /** Returns whether it lets a key do something to itself only. */
  public boolean isOfItself() {
    return value.startsWith(OF_ITSELF);
  }

  /** Returns whether this matches every literal permission that the other one matches. */
  public boolean covers(Permission other) {
    return covers(value, other.value);
  }

  /**
   * Returns all permissions that cover this literal one, itself included; empty if they are too
   * many to list, because it has more than {@link #LISTED_SEGMENTS_MAX} segments.
   */
  public Optional<Set<Permission>> covering() {
    List<String> parts = List.of(value.split("(?<=[:./])|(?=[:./])", -1));
    if ((parts.size() + 1) / 2 > LISTED_SEGMENTS_MAX) {
      return Optional.empty();
    }
    Set<String> prefixes = Set.of("");
    var texts = new HashSet<String>();
    for (int i = 0; i < parts.size(); i++) {
      String part = parts.get(i);
      boolean separator = part.length() == 1 && isSeparator(part.charAt(0));
      var longer = new HashSet<String>();
      for (String prefix : prefixes) {
        longer.add(prefix + part);
        if (!separator) {
          texts.add(prefix + "*");
          longer.add(prefix + "*");
        }
      }
      prefixes = longer;
    }
    texts.addAll(prefixes);
    return Optional.of(
        texts.stream()
            .filter(text -> text.length() <= LENGTH_MAX || text.startsWith(GRANT))
            .map(Permission::new)
            .filter(pattern -> pattern.covers(this))
            .collect(Collectors.toUnmodifiableSet()));
  }

  /** Returns the text. */
  @Override
  public String toString() {
    return value;
  }

  /**
   * Returns the same as {@link #covers(Permission)}, for texts of any length: the pattern of a
   * ceiling is matched against {@code keyledger:grant:} followed by a permission.
   */
  static boolean covers(String pattern, String other) {
    if (pattern.equals(ALL_OWN)) {
      return other.startsWith(OWN);
    }
    if (pattern.startsWith(GRANT) || other.startsWith(GRANT)) {
      return pattern.startsWith(GRANT)
          && other.startsWith(GRANT)
          && covers(pattern, other, GRANT.length());
    }
    return covers(pattern, other, 0);
  }

  /**
   * Compares character by character. {@code *} needs no look-ahead, because it is always a whole
   * segment. In the other text it is an ordinary segment.
   */
  private static boolean covers(String pattern, String other, int from) {
    int p = from;
    int o = from;
    while (p < pattern.length()) {
      char c = pattern.charAt(p);
      if (c == '*') {
        if (p == from && isReserved(other, from)) {
          return false;
        }
        if (p == pattern.length() - 1) {
          return p == from || hasNoEmptySegment(other, o);
        }
        int end = segmentEnd(other, o);
        if (end == o) {
          return false;
        }
        p++;
        o = end;
      } else if (o < other.length() && other.charAt(o) == c) {
        p++;
        o++;
      } else {
        return false;
      }
    }
    return o == other.length();
  }

  private static boolean hasNoEmptySegment(String text, int from) {
    int start = from;
    int end;
    while ((end = segmentEnd(text, start)) > start) {
      if (end == text.length()) {
        return true;
      }
      start = end + 1;
    }
    return false;
  }

  private static boolean isGrantOfCustomers(String text) {
    return text.length() > GRANT.length()
        && text.startsWith(GRANT)
        && !isReserved(text, GRANT.length());
  }

  /** Returns whether the first segment from an index on is {@code keyledger} in any case. */
  private static boolean isReserved(String text, int from) {
    return text.regionMatches(true, from, RESERVED, 0, RESERVED.length())
        && segmentEnd(text, from) == from + RESERVED.length();
  }

  private static int segmentEnd(String text, int from) {
    int end = from;
    while (end < text.length() && !isSeparator(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isSeparator(char c) {
    return c == ':' || c == '.' || c == '/';
  }

  private static void requireTokens(String value) {
    int length = value.length();
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c <= ' ' || c > '~' || c == '"' || c == ',' || c == '\\') {
        throw new IllegalArgumentException(
            "must consist of visible ASCII characters other than \" , and \\");
      }
      boolean whole =
          c != '*'
              || ((i == 0 || isSeparator(value.charAt(i - 1)))
                  && (i == length - 1 || isSeparator(value.charAt(i + 1))));
      if (!whole) {
        throw new IllegalArgumentException(
            "must hold * only as a whole segment; the separators are : . /");
      }
    }
  }
}
