package dev.keyledger.client;

import dev.keyledger.client.Decision.CheckedKey;
import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.Permission;
import dev.keyledger.conditions.PermissionSet;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last answer of the service about a key, with everything needed to judge the key for another
 * check at another time. Immutable.
 */
final class CachedKey {
  private final Decision answer;
  private final CheckedKey key;
  private final PermissionSet permissions;
  private final IpAllowList ipAllowList;
  private final @Nullable Instant notBefore;
  private final Key.@Nullable Planned planned;

  private CachedKey(
      Decision answer,
      CheckedKey key,
      IpAllowList ipAllowList,
      @Nullable Instant notBefore,
      Key.@Nullable Planned planned) {
    this.answer = answer;
    this.key = key;
    this.permissions = PermissionSet.of(key.permissions());
    this.ipAllowList = ipAllowList;
    this.notBefore = notBefore;
    this.planned = planned;
  }

  /**
   * Returns the cache entry for an answer to a cacheable check. Null if the answer must not be
   * cached: for unknown keys; for operators' keys, because they depend on the state of other keys;
   * and for an old secret whose end is not known yet.
   */
  static @Nullable CachedKey of(Fields fields, Decision answer) {
    CheckedKey key = answer.key();
    if (key == null || !fields.has("ipAllowList") || answer.code() == DecisionCode.OTHER) {
      return null;
    }
    boolean mayEndUnseen =
        key.generation() < key.currentGeneration()
            && key.overlapEndsAt() == null
            && answer.code() != DecisionCode.REVOKED
            && answer.code() != DecisionCode.ROTATED_OUT;
    try {
      boolean operators =
          key.permissions().stream().map(Permission::new).anyMatch(Permission::isOperators);
      return operators || mayEndUnseen
          ? null
          : new CachedKey(
              answer,
              key,
              IpAllowList.parse(fields.texts("ipAllowList")),
              fields.optionalTime("notBefore"),
              fields.object("planned", Key.Planned::of));
    } catch (IllegalArgumentException newer) {
      return null; // a form of permissions or addresses that this version does not know
    }
  }

  String keyId() {
    return key.keyId();
  }

  /**
   * Returns the decision on a check at a time.
   *
   * @param position the position up to which no other event changed the key
   * @param asOf the time up to which no other event changed the key
   */
  Decision decide(Check check, Instant now, long position, Instant asOf, Decision.Source source) {
    List<Permission> missing =
        check.requiredAll().isEmpty() && check.requiredAny().isEmpty()
            ? List.of()
            : permissions.missing(check.requiredAll(), check.requiredAny());
    DecisionCode code = code(check, now, missing);
    return new Decision(
        code == DecisionCode.VALID,
        code,
        key.at(now),
        missing.isEmpty() ? List.of() : missing.stream().map(Permission::value).toList(),
        code == answer.code() ? answer.decidedBy() : null,
        List.of(),
        Math.max(position, answer.position()),
        asOf.isBefore(answer.asOf()) ? answer.asOf() : asOf,
        source);
  }

  private DecisionCode code(Check check, Instant now, List<Permission> missing) {
    if (answer.code() == DecisionCode.REVOKED || isInEffect(true, now)) {
      return DecisionCode.REVOKED;
    }
    if (answer.code() == DecisionCode.ROTATED_OUT || isOldSecretEnded(now)) {
      return DecisionCode.ROTATED_OUT;
    }
    if (answer.code() == DecisionCode.SUSPENDED || isInEffect(false, now)) {
      return DecisionCode.SUSPENDED;
    }
    if (notBefore != null && now.isBefore(notBefore)) {
      return DecisionCode.NOT_YET_ACTIVE;
    }
    if (hasCome(key.expiresAt(), now)) {
      return DecisionCode.EXPIRED;
    }
    if (!check.accepts(key.environment())) {
      return DecisionCode.WRONG_ENVIRONMENT;
    }
    if (!ipAllowList.contains(check.address())) {
      return DecisionCode.IP_NOT_ALLOWED;
    }
    return missing.isEmpty() ? DecisionCode.VALID : DecisionCode.INSUFFICIENT_PERMISSIONS;
  }

  private boolean isInEffect(boolean revocation, Instant now) {
    return planned != null
        && planned.revokes() == revocation
        && hasCome(planned.effectiveAt(), now);
  }

  private boolean isOldSecretEnded(Instant now) {
    return key.generation() < key.currentGeneration() && hasCome(key.overlapEndsAt(), now);
  }

  private static boolean hasCome(@Nullable Instant time, Instant now) {
    return time != null && !now.isBefore(time);
  }
}
