package dev.keyledger.delivery.webhook;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The URL of a webhook. This class decides its form; {@link CheckedResolver} decides, at each
 * connection, which addresses its name may resolve to.
 *
 * <p>Its text form shows only scheme and host: the rest may hold a credential of the receiver.
 *
 * @param uri with scheme {@code https} or {@code http}, a host, and neither user nor fragment
 */
public record TargetUrl(URI uri) {
  /** The maximum number of characters of a URL. */
  public static final int LENGTH_MAX = 2048;

  /**
   * The pattern of a host whose last label looks like a number: it is an address, or tries to be
   * one.
   */
  private static final Pattern ENDS_IN_NUMBER =
      Pattern.compile("(?:.*\\.)?(?:[0-9]+|0[xX][0-9a-fA-F]*)\\.?");

  private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final Pattern V4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");
  private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:.]+");
  private static final String LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
  private static final Pattern NAME = Pattern.compile(LABEL + "(?:\\." + LABEL + ")*\\.?");
  private static final int NAME_LENGTH_MAX = 253;
  private static final int PORT_MAX = 65_535;
  private static final String NOT_PUBLIC = "must not lead to an address that is not public";

  /**
   * Returns the URL of a text.
   *
   * @throws IllegalArgumentException with a message for the client if a webhook must not have it
   */
  public static TargetUrl parse(String text, ReachableNetworks networks) {
    URI uri = uriOf(text);
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    boolean plain = scheme.equals("http");
    if (plain ? !networks.permitsAny() : !scheme.equals("https")) {
      throw new IllegalArgumentException("must be an https URL");
    }
    if (uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
      throw new IllegalArgumentException("must have neither a user nor a fragment");
    }
    String host = uri.getHost();
    if (host == null || uri.getPort() == 0 || uri.getPort() > PORT_MAX) {
      throw new IllegalArgumentException("must have a host, by name or address, and a valid port");
    }
    InetAddress literal = literal(host);
    if (literal == null) {
      requireName(host, networks);
    } else if (!networks.permits(literal) && (plain || !ReachableNetworks.isPublic(literal))) {
      throw new IllegalArgumentException(NOT_PUBLIC);
    }
    return new TargetUrl(uri);
  }

  private static URI uriOf(String text) {
    if (text.length() > LENGTH_MAX) {
      throw new IllegalArgumentException("must have at most " + LENGTH_MAX + " characters");
    }
    if (!text.chars().allMatch(c -> c > ' ' && c <= '~')) {
      throw new IllegalArgumentException("must be visible ASCII characters: encode all others");
    }
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("must be a URL");
    }
  }

  /**
   * Returns the address in a host; null if it is a name.
   *
   * @param host as in a URL: an IPv6 address may have brackets
   * @throws IllegalArgumentException if it is an address in an unusual notation
   */
  static @Nullable InetAddress literal(String host) {
    try {
      if (host.startsWith("[") || host.indexOf(':') >= 0) {
        String v6 = host.replaceAll("^\\[|\\]$", "");
        if (!V6.matcher(v6).matches()) {
          throw new IllegalArgumentException("must not have such an address");
        }
        return InetAddress.ofLiteral(v6);
      }
      if (V4.matcher(host).matches()) {
        return InetAddress.ofLiteral(host);
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("must not have such an address");
    }
    if (ENDS_IN_NUMBER.matcher(host).matches()) {
      throw new IllegalArgumentException("must spell an IPv4 address as four decimal numbers");
    }
    return null;
  }

  private static void requireName(String host, ReachableNetworks networks) {
    if (host.length() > NAME_LENGTH_MAX || !NAME.matcher(host).matches()) {
      throw new IllegalArgumentException("must have a host name of letters, digits and hyphens");
    }
    String name = host.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
    boolean local = name.equals("localhost") || name.endsWith(".localhost");
    if (local && !networks.permits(InetAddress.getLoopbackAddress())) {
      throw new IllegalArgumentException(NOT_PUBLIC);
    }
  }

  @Override
  public String toString() {
    return uri.getScheme() + "://" + uri.getHost();
  }
}
