package dev.keyledger.checking.http;

import dev.keyledger.events.Environment;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Permission;
import java.util.Set;

/** What a check may ask of a key, as bodies and query parameters spell it. */
final class RequiredTerms {
  private RequiredTerms() {}

  /**
   * @throws IllegalArgumentException if the text is no permission, or a pattern of them
   */
  static Permission permission(String text) {
    var permission = new Permission(text);
    if (!permission.isLiteral()) {
      throw new IllegalArgumentException("must not hold *: it names what is required");
    }
    return permission;
  }

  /**
   * @throws IllegalArgumentException if the text names no environment
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
