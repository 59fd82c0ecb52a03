package dev.keyledger.events;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limits and defaults of a workspace for its keys.
 *
 * @param defaultLifetime the lifetime of a key whose command specifies no expiry
 * @param maxLifetime the longest lifetime that a command may request
 * @param allowNoExpiry whether {@code "never"} may be requested
 * @param renewalWindow the time after its expiry for which a key can still be renewed
 * @param defaultOverlap the time for which the previous secret stays valid after a rotation that
 *     sets no overlap
 * @param reminders the times before the expiry at which to remind a key's holder, longest first
 * @param allowedPermissions the patterns that keys may hold; null allows all
 * @param maxKeys the maximum number of keys; a soft limit that a few more keys may exceed
 * @param operatorsOutliveIssuer true if an operator's key that another operator issued stays valid
 *     when its issuer is not; otherwise null, as in events that are older than the field
 * @param holderMay the actions of holders on their own keys, in a fixed order; null: nothing, as in
 *     events that are older than the field
 * @param rotationQuiet the time for which the old secret must be unused for a rotation to be
 *     complete; null: {@link #ROTATION_QUIET_DEFAULT}, as in events that are older than the field
 */
public record WorkspacePolicy(
    Duration defaultLifetime,
    Duration maxLifetime,
    boolean allowNoExpiry,
    Duration renewalWindow,
    Duration defaultOverlap,
    List<Duration> reminders,
    @Nullable List<String> allowedPermissions,
    long maxKeys,
    @Nullable Boolean operatorsOutliveIssuer,
    @Nullable List<HolderAction> holderMay,
    @Nullable Duration rotationQuiet) {

  /** The default time for which the old secret must be unused. */
  public static final Duration ROTATION_QUIET_DEFAULT = Duration.ofHours(1);

  /** The policy of a workspace without its own. */
  public static final WorkspacePolicy DEFAULT =
      new WorkspacePolicy(
          Duration.ofDays(90),
          Duration.ofDays(366),
          false,
          Duration.ofDays(30),
          Duration.ofDays(1),
          List.of(Duration.ofDays(30), Duration.ofDays(7), Duration.ofDays(1)),
          null,
          1_000_000,
          null,
          null,
          null);

  public WorkspacePolicy {
    reminders = List.copyOf(reminders);
    allowedPermissions = allowedPermissions == null ? null : List.copyOf(allowedPermissions);
    operatorsOutliveIssuer = Boolean.TRUE.equals(operatorsOutliveIssuer) ? true : null;
    holderMay =
        holderMay == null || holderMay.isEmpty()
            ? null
            : holderMay.stream().distinct().sorted().toList();
    rotationQuiet = ROTATION_QUIET_DEFAULT.equals(rotationQuiet) ? null : rotationQuiet;
  }

  /** Returns the actions that holders may take on their own keys. */
  public List<HolderAction> allowedToHolders() {
    return holderMay == null ? List.of() : holderMay;
  }

  /** Returns the time for which the old secret must be unused for a rotation to be complete. */
  public Duration quietOfRotations() {
    return rotationQuiet == null ? ROTATION_QUIET_DEFAULT : rotationQuiet;
  }

  /** Returns whether an operator's key stays valid when its issuer is not. */
  public boolean letsOperatorsOutliveIssuer() {
    return operatorsOutliveIssuer != null;
  }
}
