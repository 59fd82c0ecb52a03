package dev.keyledger.checking.http;

import dev.keyledger.events.Environment;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Permission;
import java.util.Set;

/** Parses the values of a check that bodies and query parameters have in common. */
final class CheckSyntax {
  private CheckSyntax() {}

  /**
   * Returns a required permission.
   *
   * @throws IllegalArgumentException if the text is not a permission, or is a pattern
   */
  static Permission permission(String text) {
    Permission permission = Permission.known(text);
    if (!permission.isLiteral()) {
      throw new IllegalArgumentException("must not hold *: it names what is required");
    }
    return permission;
  }

  /**
   * Returns the environments that a name stands for.
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
