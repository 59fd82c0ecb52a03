package dev.keyledger.events;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a workspace allows its keys and assumes where a command says nothing.
 *
 * @param defaultLifetime how long a key lives whose command names no expiry
 * @param maxLifetime the longest life that a command may ask for
 * @param allowNoExpiry whether {@code "never"} may be asked for
 * @param renewalWindow how long after its expiry a key can still be renewed
 * @param defaultOverlap how long an old secret outlives a rotation that names no overlap
 * @param reminders how long before its expiry a key's holder is to be reminded, longest first
 * @param allowedPermissions the patterns that keys may hold; null allows all
 * @param maxKeys how many keys the workspace may hold; checked softly, so that a few more may pass
 */
public record WorkspacePolicy(
    Duration defaultLifetime,
    Duration maxLifetime,
    boolean allowNoExpiry,
    Duration renewalWindow,
    Duration defaultOverlap,
    List<Duration> reminders,
    @Nullable List<String> allowedPermissions,
    long maxKeys) {

  /** The policy of a workspace that set none. */
  public static final WorkspacePolicy DEFAULT =
      new WorkspacePolicy(
          Duration.ofDays(90),
          Duration.ofDays(366),
          false,
          Duration.ofDays(30),
          Duration.ofDays(1),
          List.of(Duration.ofDays(30), Duration.ofDays(7), Duration.ofDays(1)),
          null,
          1_000_000);

  public WorkspacePolicy {
    reminders = List.copyOf(reminders);
    allowedPermissions = allowedPermissions == null ? null : List.copyOf(allowedPermissions);
  }
}
