package dev.keyledger.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.conditions.IpAddress;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** The syntax of methods, request targets and {@code Host}, the same on every port. */
public final class RequestTarget {
  /** The path of the checks of gateways. */
  public static final String FORWARD_AUTH = "/v1/forward-auth";

  /**
   * The prefix of such a check's path if the gateway appends its client's target: the next segment
   * is the gateway's, the rest is the client's, whatever it looks like.
   */
  public static final String FORWARD_AUTH_APPENDED = FORWARD_AUTH + "/-/";

  /** The prefix of paths that name an owner: an owner's id may contain separators. */
  private static final String OWNERS = "/v1/owners/";

  /** The path of a request about the server as a whole, which only OPTIONS may have. */
  public static final String SERVER = "*";

  private static final boolean[] TOKEN = charactersWith("!#$%&'*+-.^_`|~");
  private static final boolean[] HOST = charactersWith("-._~!$&'()*+,;=%");
  private static final boolean[] PATH = charactersWith("-._~!$&'()*+,;=%:@/");
  private static final boolean[] QUERY = charactersWith("-._~!$&'()*+,;=%:@/?");

  private RequestTarget() {}

  /** Returns whether a text is a method: a token (RFC 9110 section 5.6.2). */
  public static boolean isMethod(String text) {
    return !text.isEmpty() && consistsOf(text, TOKEN);
  }

  /** Returns whether a path, as sent, is that of a gateway's check. */
  public static boolean isForwardAuth(String path) {
    return path.startsWith(FORWARD_AUTH)
        && (path.length() == FORWARD_AUTH.length() || isAppended(path));
  }

  /** Returns whether a path, as sent, has its client's target appended. */
  public static boolean isAppended(String path) {
    return path.startsWith(FORWARD_AUTH_APPENDED);
  }

  /**
   * Returns whether a target is valid: it has the form of RFC 3986 sections 3.3 and 3.4 in UTF-8,
   * no NUL, no percent-encoded separator in its path unless it names an owner, and no dot segments
   * that lead above the root. A target that a gateway appended may have any visible ASCII
   * characters but {@code #}, because browsers send some that RFC 3986 does not allow.
   *
   * @param path as sent
   * @param query as sent; null if there is none
   */
  public static boolean isValid(String path, @Nullable String query) {
    if (isAppended(path)) {
      return isVisible(path) && (query == null || isVisible(query));
    }
    return path.startsWith("/")
        && consistsOf(path, PATH)
        && (query == null || consistsOf(query, QUERY))
        && isEncodingValid(path, path.startsWith(OWNERS))
        && isUtf8(path)
        && !climbs(path);
  }

  /**
   * Returns whether a segment is {@code .} or {@code ..}, plain or percent-encoded, also with a
   * path parameter.
   */
  public static boolean isDotSegment(String segment) {
    return dots(segment) > 0;
  }

  /** Returns 1 for {@code .}, 2 for {@code ..}, 0 for any other segment. */
  private static int dots(String segment) {
    int parameters = segment.indexOf(';');
    String name = parameters < 0 ? segment : segment.substring(0, parameters);
    if (name.length() > 2 * "%2e".length()) {
      return 0;
    }
    return switch (name.replace("%2e", ".").replace("%2E", ".")) {
      case "." -> 1;
      case ".." -> 2;
      default -> 0;
    };
  }

  /**
   * Returns whether a text is a host with or without a port (RFC 3986 section 3.2): a name, which
   * may have underscores, an IPv4 address, or an IPv6 address in brackets. May be empty (RFC 9112
   * section 3.2).
   */
  public static boolean isHost(String text) {
    int colon = colonBeforePort(text);
    for (int i = colon + 1; colon >= 0 && i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    String name = colon < 0 ? text : text.substring(0, colon);
    if (name.startsWith("[")) {
      String literal = name.substring(1, Math.max(1, name.length() - 1));
      return name.endsWith("]") && literal.indexOf(':') >= 0 && IpAddress.parse(literal) != null;
    }
    return consistsOf(name, HOST) && isEncodingValid(name, false);
  }

  /** Returns the index of the colon before the port of a host; -1 if there is none. */
  static int colonBeforePort(String host) {
    return host.indexOf(':', host.lastIndexOf(']') + 1);
  }

  private static boolean isVisible(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '!' || c > '~' || c == '#') {
        return false;
      }
    }
    return true;
  }

  private static boolean[] charactersWith(String marks) {
    var characters = new boolean[128];
    for (char c = 0; c < characters.length; c++) {
      characters[c] =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || marks.indexOf(c) >= 0;
    }
    return characters;
  }

  private static boolean consistsOf(String text, boolean[] characters) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= characters.length || !characters[c]) {
        return false;
      }
    }
    return true;
  }

  private static boolean isEncodingValid(String text, boolean mayHaveSeparators) {
    for (int i = text.indexOf('%'); i >= 0; i = text.indexOf('%', i + 1)) {
      boolean isWhole = i + 2 < text.length();
      int high = isWhole ? Character.digit(text.charAt(i + 1), 16) : -1;
      int low = isWhole ? Character.digit(text.charAt(i + 2), 16) : -1;
      int decoded = high << 4 | low;
      boolean isSeparator = decoded == '/' || decoded == '\\';
      if (high < 0 || low < 0 || decoded == 0 || (isSeparator && !mayHaveSeparators)) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether the percent-encoded bytes of a valid path are UTF-8. */
  private static boolean isUtf8(String path) {
    if (path.indexOf('%') < 0) {
      return true;
    }
    var bytes = new ByteArrayOutputStream(path.length());
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      bytes.write(c == '%' ? HexFormat.fromHexDigits(path, i + 1, i + 3) : c);
      i += c == '%' ? 2 : 0;
    }
    try {
      UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray()));
      return true;
    } catch (CharacterCodingException _) {
      return false;
    }
  }

  private static boolean climbs(String path) {
    if (path.indexOf("/.") < 0 && path.indexOf('%') < 0) {
      return false;
    }
    int depth = 0;
    for (String segment : path.split("/", -1)) {
      boolean isName = !segment.isEmpty() && segment.charAt(0) != ';';
      depth +=
          switch (dots(segment)) {
            case 1 -> 0;
            case 2 -> -1;
            default -> isName ? 1 : 0;
          };
      if (depth < 0) {
        return true;
      }
    }
    return false;
  }
}
