package dev.keyledger.lifecycle.workspace;

import dev.keyledger.conditions.Permission;
import dev.keyledger.events.HolderAction;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.lifecycle.KeyDecider;
import dev.keyledger.verification.decision.RequestedPermission;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The limits of policies. Each method returns its argument, or throws an IllegalArgumentException
 * with a message for the client.
 */
public final class PolicyLimits {
  /** The longest time after its expiry in which a key can be renewed. */
  public static final Duration RENEWAL_WINDOW_MAX = KeyDecider.LIFETIME_MAX;

  /** The maximum number of reminders of an expiry. */
  public static final int REMINDERS_MAX = 10;

  /** The maximum number of allowed permission patterns in a workspace. */
  public static final int ALLOWED_PERMISSIONS_MAX = 100;

  /** The maximum number of keys that a workspace can be allowed. */
  public static final long KEYS_MAX = 1_000_000_000;

  private PolicyLimits() {}

  /** Checks a lifetime: {@link KeyDecider#LIFETIME_MIN} to {@link KeyDecider#LIFETIME_MAX}. */
  public static Duration lifetime(Duration lifetime) {
    return within(lifetime, KeyDecider.LIFETIME_MIN, KeyDecider.LIFETIME_MAX);
  }

  /** Checks a renewal window: zero to {@link #RENEWAL_WINDOW_MAX}. */
  public static Duration renewalWindow(Duration window) {
    return within(window, Duration.ZERO, RENEWAL_WINDOW_MAX);
  }

  /** Checks an overlap: zero to {@link KeyDecider#OVERLAP_MAX}. */
  public static Duration overlap(Duration overlap) {
    return within(overlap, Duration.ZERO, KeyDecider.OVERLAP_MAX);
  }

  /** Checks a quiet period: zero to the longest overlap, {@link KeyDecider#OVERLAP_MAX}. */
  public static Duration rotationQuiet(Duration quiet) {
    return within(quiet, Duration.ZERO, KeyDecider.OVERLAP_MAX);
  }

  /**
   * Checks reminders: at most {@value #REMINDERS_MAX}, each as long as a lifetime can be, and
   * shorter than the one before it.
   */
  public static List<Duration> reminders(List<Duration> reminders) {
    if (reminders.size() > REMINDERS_MAX) {
      throw new IllegalArgumentException("must have at most " + REMINDERS_MAX + " entries");
    }
    reminders.forEach(PolicyLimits::lifetime);
    for (int i = 1; i < reminders.size(); i++) {
      if (reminders.get(i).compareTo(reminders.get(i - 1)) >= 0) {
        throw new IllegalArgumentException("must be in order, the longest first, none twice");
      }
    }
    return reminders;
  }

  /**
   * Checks patterns: at most {@value #ALLOWED_PERMISSIONS_MAX}; none: keys without permissions
   * only.
   */
  public static List<String> allowedPermissions(List<String> patterns) {
    if (patterns.size() > ALLOWED_PERMISSIONS_MAX) {
      throw new IllegalArgumentException(
          "must have at most " + ALLOWED_PERMISSIONS_MAX + " entries");
    }
    return patterns.stream()
        .map(RequestedPermission::of)
        .map(Permission::value)
        .distinct()
        .toList();
  }

  /** Checks a number of keys: 0 to {@value #KEYS_MAX}. */
  public static long maxKeys(long keys) {
    if (keys < 0 || keys > KEYS_MAX) {
      throw new IllegalArgumentException("must be 0 to " + KEYS_MAX);
    }
    return keys;
  }

  /** Parses names of {@link HolderAction}, each once. */
  public static List<HolderAction> holderMay(List<String> names) {
    List<HolderAction> actions =
        names.stream()
            .flatMap(name ->
                Arrays.stream(HolderAction.values())
                    .filter(action -> action.toString().equals(name)))
            .distinct()
            .toList();
    if (actions.size() < names.size()) {
      throw new IllegalArgumentException("must name renew, renew-expired and rotate, each once");
    }
    return actions;
  }

  /** Returns the error of a policy whose fields are individually valid; empty if it is valid. */
  static Optional<String> fault(WorkspacePolicy policy) {
    return policy.defaultLifetime().compareTo(policy.maxLifetime()) > 0
        ? Optional.of("policy.defaultLifetime must not be longer than policy.maxLifetime.")
        : Optional.empty();
  }

  private static Duration within(Duration duration, Duration min, Duration max) {
    if (duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
      throw new IllegalArgumentException("must be %s to P%dD".formatted(min, max.toDays()));
    }
    return duration;
  }
}
