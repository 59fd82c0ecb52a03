package dev.keyledger.checking.http;

import dev.keyledger.conditions.IpAddress;
import dev.keyledger.conditions.Permission;
import dev.keyledger.events.Environment;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.RequestedPermission;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Parses the values that checks in bodies and in query parameters share. */
final class CheckSyntax {
  private CheckSyntax() {}

  /**
   * Returns a required permission.
   *
   * @throws IllegalArgumentException if the text is not a permission, or is a pattern
   */
  static Permission permission(String text) {
    Permission permission = RequestedPermission.of(text);
    if (!permission.isLiteral()) {
      throw new IllegalArgumentException("must not hold *: it names what is required");
    }
    return permission;
  }

  /**
   * Returns required permissions that are separated by spaces, like scopes of OAuth 2.0 (RFC 6749
   * section 3.3).
   *
   * @throws IllegalArgumentException if one is not a permission, or is a pattern, or there are too
   *     many
   */
  static List<Permission> scope(String text) {
    String[] names = text.split(" ", -1);
    if (names.length > CheckRequest.PERMISSIONS_MAX) {
      throw new IllegalArgumentException(
          "must have at most " + CheckRequest.PERMISSIONS_MAX + " permissions");
    }
    return Arrays.stream(names).map(CheckSyntax::permission).distinct().toList();
  }

  /**
   * Returns the literal of an address with or without a port.
   *
   * @throws IllegalArgumentException if the text is malformed
   */
  static String address(String text) {
    IpAddress address = IpAddress.parseWithPort(text);
    if (address == null) {
      throw new IllegalArgumentException("must be an IPv4 or IPv6 address, with or without a port");
    }
    return address.toString();
  }

  /**
   * Returns the environments of a name.
   *
   * @throws IllegalArgumentException if the name is unknown
   */
  static Set<Environment> environments(String text) {
    return switch (text) {
      case "live" -> Check.LIVE_ONLY;
      case "test" -> Set.of(Environment.TEST);
      case "any" -> Check.ANY_ENVIRONMENT;
      default -> throw new IllegalArgumentException("must be one of live, test, any");
    };
  }
}
