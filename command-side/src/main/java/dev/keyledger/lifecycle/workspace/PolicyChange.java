package dev.keyledger.lifecycle.workspace;

import dev.keyledger.events.WorkspacePolicy;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a policy that a command sets, each within {@link PolicyLimits}; null: it stays as
 * it is.
 */
public record PolicyChange(
    @Nullable Duration defaultLifetime,
    @Nullable Duration maxLifetime,
    @Nullable Boolean allowNoExpiry,
    @Nullable Duration renewalWindow,
    @Nullable Duration defaultOverlap,
    @Nullable List<Duration> reminders,
    @Nullable List<String> allowedPermissions,
    @Nullable Long maxKeys,
    @Nullable Boolean operatorsOutliveIssuer) {

  /** Sets nothing. */
  public static final PolicyChange NONE =
      new PolicyChange(null, null, null, null, null, null, null, null, null);

  /** The policy with these fields set. */
  WorkspacePolicy appliedTo(WorkspacePolicy policy) {
    return new WorkspacePolicy(
        defaultLifetime == null ? policy.defaultLifetime() : defaultLifetime,
        maxLifetime == null ? policy.maxLifetime() : maxLifetime,
        allowNoExpiry == null ? policy.allowNoExpiry() : allowNoExpiry,
        renewalWindow == null ? policy.renewalWindow() : renewalWindow,
        defaultOverlap == null ? policy.defaultOverlap() : defaultOverlap,
        reminders == null ? policy.reminders() : reminders,
        allowedPermissions == null ? policy.allowedPermissions() : allowedPermissions,
        maxKeys == null ? policy.maxKeys() : maxKeys,
        operatorsOutliveIssuer == null ? policy.operatorsOutliveIssuer() : operatorsOutliveIssuer);
  }
}
