package dev.keyledger.conditions;

import org.jspecify.annotations.Nullable;

/**
 * An IPv4 or IPv6 address, parsed from a literal.
 *
 * <p>Replaces {@link java.net.InetAddress}, whose parser accepts names, zone ids and shortened or
 * octal IPv4 forms, so that two parsers may read one text as different addresses.
 *
 * @param isV4 whether it is an IPv4 address, in the last 32 bits
 * @param high the first 64 bits
 * @param low the last 64 bits
 */
public record IpAddress(boolean isV4, long high, long low) {
  private static final int LENGTH_MAX = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".length();
  private static final int GROUPS = 8;
  private static final int PORT_MAX = 65_535;
  private static final long MAPPED_PREFIX = 0xffffL;

  /** Parses an address; returns null if the text is not a literal. */
  public static @Nullable IpAddress parse(String text) {
    if (text.length() > LENGTH_MAX) {
      return null;
    }
    if (text.indexOf(':') >= 0) {
      return parseV6(text);
    }
    long v4 = parseV4(text, 0);
    return v4 < 0 ? null : new IpAddress(true, 0, v4);
  }

  /**
   * Parses an address with or without a port, as proxies write it (RFC 7239 section 6): {@code
   * 192.0.2.1:443}, {@code [2001:db8::1]:443}, {@code [2001:db8::1]}. Returns null if the text is
   * malformed.
   */
  public static @Nullable IpAddress parseWithPort(String text) {
    if (text.startsWith("[")) {
      int end = text.indexOf(']');
      String inside = end < 0 ? "" : text.substring(1, end);
      boolean isGood =
          inside.indexOf(':') >= 0 && (end + 1 == text.length() || isPort(text, end + 1));
      return isGood ? parse(inside) : null;
    }
    int colon = text.indexOf(':');
    if (colon < 0 || text.indexOf(':', colon + 1) >= 0) {
      return parse(text);
    }
    return isPort(text, colon) ? parse(text.substring(0, colon)) : null;
  }

  /**
   * Returns whether a text ends, from an index on, with a colon and a port: 1 to 5 digits, at most
   * 65,535.
   */
  private static boolean isPort(String text, int from) {
    int digits = text.length() - from - 1;
    boolean isPort = digits >= 1 && digits <= 5 && text.charAt(from) == ':';
    int port = 0;
    for (int i = from + 1; isPort && i < text.length(); i++) {
      isPort = isDecimalDigit(text.charAt(i));
      port = 10 * port + text.charAt(i) - '0';
    }
    return isPort && port <= PORT_MAX;
  }

  /** Returns the number of bits of the address. */
  int bits() {
    return isV4 ? 32 : 128;
  }

  /** Returns the address with all bits after the prefix cleared. */
  public IpAddress masked(int prefixLength) {
    int kept = prefixLength + (isV4 ? 96 : 0);
    return new IpAddress(isV4, high & mask(kept), low & mask(kept - 64));
  }

  /** Returns the text form of RFC 5952. */
  @Override
  public String toString() {
    if (isV4) {
      return (low >> 24) + "." + (low >> 16 & 0xff) + "." + (low >> 8 & 0xff) + "." + (low & 0xff);
    }
    int zerosFrom = -1;
    int zerosLength = 1; // a single group of zeros is not shortened
    for (int i = 0; i < GROUPS; i++) {
      int end = i;
      while (end < GROUPS && group(end) == 0) {
        end++;
      }
      if (end - i > zerosLength) {
        zerosFrom = i;
        zerosLength = end - i;
      }
    }
    var text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == zerosFrom) {
        text.append("::");
        i += zerosLength - 1;
      } else {
        if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(group(i)));
      }
    }
    return text.toString();
  }

  private int group(int index) {
    long half = index < 4 ? high : low;
    return (int) (half >>> (48 - 16 * (index & 3))) & 0xffff;
  }

  private static long mask(int bits) {
    if (bits <= 0) {
      return 0;
    }
    return bits >= 64 ? -1L : -1L << (64 - bits);
  }

  private static @Nullable IpAddress parseV6(String text) {
    int[] groups = new int[GROUPS];
    int count = 0;
    int gapAt = -1;
    int i = 0;
    if (text.startsWith("::")) {
      gapAt = 0;
      i = 2;
    }
    while (i < text.length()) {
      if (count == GROUPS) {
        return null;
      }
      int end = i;
      int value = 0;
      while (end < text.length() && hexDigit(text.charAt(end)) >= 0) {
        if (end - i == 4) {
          return null;
        }
        value = value << 4 | hexDigit(text.charAt(end++));
      }
      if (end < text.length() && text.charAt(end) == '.') {
        long v4 = parseV4(text, i);
        if (v4 < 0 || count > GROUPS - 2) {
          return null;
        }
        groups[count++] = (int) (v4 >>> 16);
        groups[count++] = (int) v4 & 0xffff;
        break;
      }
      if (end == i) {
        return null;
      }
      groups[count++] = value;
      if (end == text.length()) {
        break;
      }
      if (text.charAt(end) != ':' || end + 1 == text.length()) {
        return null;
      }
      i = end + 1;
      if (text.charAt(i) == ':') {
        if (gapAt >= 0) {
          return null;
        }
        gapAt = count;
        i++;
      }
    }
    if (gapAt < 0 ? count < GROUPS : count == GROUPS) {
      return null;
    }
    return of(groups, count, gapAt);
  }

  private static IpAddress of(int[] groups, int count, int gapAt) {
    int[] all = new int[GROUPS];
    int before = gapAt < 0 ? count : gapAt;
    int after = count - before;
    System.arraycopy(groups, 0, all, 0, before);
    System.arraycopy(groups, before, all, GROUPS - after, after);
    long high = join(all, 0);
    long low = join(all, 4);
    boolean mapped = high == 0 && low >>> 32 == MAPPED_PREFIX;
    return mapped ? new IpAddress(true, 0, low & 0xffff_ffffL) : new IpAddress(false, high, low);
  }

  private static long join(int[] groups, int from) {
    return (long) groups[from] << 48
        | (long) groups[from + 1] << 32
        | (long) groups[from + 2] << 16
        | groups[from + 3];
  }

  /**
   * Parses four decimal numbers from an index to the end of the text; returns the 32 bits, or -1.
   */
  private static long parseV4(String text, int from) {
    long address = 0;
    int i = from;
    for (int number = 0; number < 4; number++) {
      if (number > 0) {
        if (i == text.length() || text.charAt(i) != '.') {
          return -1;
        }
        i++;
      }
      int start = i;
      int value = 0;
      while (i < text.length() && i - start < 3 && isDecimalDigit(text.charAt(i))) {
        value = value * 10 + (text.charAt(i++) - '0');
      }
      boolean leadingZero = i - start > 1 && text.charAt(start) == '0';
      if (i == start || leadingZero || value > 255) {
        return -1;
      }
      address = address << 8 | value;
    }
    return i == text.length() ? address : -1;
  }

  private static boolean isDecimalDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /**
   * Returns the value of a hexadecimal digit. Unlike {@link Character#digit}, rejects full-width
   * digits.
   */
  private static int hexDigit(char c) {
    if (isDecimalDigit(c)) {
      return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
      return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  }
}
