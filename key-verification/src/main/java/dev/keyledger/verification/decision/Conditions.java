package dev.keyledger.verification.decision;

import dev.keyledger.conditions.Permission;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The conditions that a known key must meet, and the facts that decide them.
 *
 * @param issuerFault the event that makes an issuer of the key invalid; null if there is none
 * @param missing the required permissions that the key lacks
 */
record Conditions(
    PresentedKey key,
    Check check,
    Instant now,
    @Nullable DecidedBy issuerFault,
    List<Permission> missing) {
  /** The conditions in order; the first that is not met is the decision's code. */
  private static final List<DecisionCode> IN_ORDER =
      List.of(
          DecisionCode.REVOKED,
          DecisionCode.ROTATED_OUT,
          DecisionCode.SUSPENDED,
          DecisionCode.NOT_YET_ACTIVE,
          DecisionCode.EXPIRED,
          DecisionCode.ISSUER_INVALID,
          DecisionCode.WRONG_ENVIRONMENT,
          DecisionCode.IP_NOT_ALLOWED,
          DecisionCode.INSUFFICIENT_PERMISSIONS);

  static Conditions of(PresentedKey key, Check check, Instant now) {
    return new Conditions(
        key, check, now, key.issuerFault(now, check.ip()), missingPermissions(key, check));
  }

  Decision decide(long position) {
    DecisionCode code = DecisionCode.VALID;
    for (DecisionCode condition : IN_ORDER) {
      if (!meets(condition)) {
        code = condition;
        break;
      }
    }
    return new Decision(
        code, key, missing, issuerFault, check.explain() ? conditions() : List.of(), position);
  }

  private List<Condition> conditions() {
    return IN_ORDER.stream().map(code -> new Condition(code, meets(code))).toList();
  }

  private boolean meets(DecisionCode condition) {
    return switch (condition) {
      case REVOKED -> !key.isRevokedAt(now);
      case ROTATED_OUT -> key.isAlive(now);
      case SUSPENDED -> !key.isSuspendedAt(now);
      case NOT_YET_ACTIVE -> !key.isNotYetActiveAt(now);
      case EXPIRED -> !key.isExpiredAt(now);
      case ISSUER_INVALID -> issuerFault == null;
      case WRONG_ENVIRONMENT -> check.environments().contains(key.environment());
      case IP_NOT_ALLOWED -> key.ipAllowList().contains(check.ip());
      case INSUFFICIENT_PERMISSIONS -> missing.isEmpty();
      case MALFORMED, NOT_FOUND, VALID ->
          throw new IllegalArgumentException(condition + " is not a condition of a key");
    };
  }

  private static List<Permission> missingPermissions(PresentedKey key, Check check) {
    return check.allOf().isEmpty() && check.anyOf().isEmpty()
        ? List.of()
        : key.permissions().missing(check.allOf(), check.anyOf());
  }
}
