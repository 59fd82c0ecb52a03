package dev.keyledger.lifecycle.workspace;

import dev.keyledger.events.HolderAction;
import dev.keyledger.events.WorkspacePolicy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a policy that a command sets, each within {@link PolicyLimits}; null: unchanged.
 *
 * @param cleared the names of the fields to reset to their values of {@link
 *     WorkspacePolicy#DEFAULT}
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
    @Nullable Boolean operatorsOutliveIssuer,
    @Nullable List<HolderAction> holderMay,
    @Nullable Duration rotationQuiet,
    Set<String> cleared) {

  /** Sets nothing. */
  public static final PolicyChange NONE =
      new PolicyChange(null, null, null, null, null, null, null, null, null, null, null, Set.of());

  public PolicyChange {
    cleared = Set.copyOf(cleared);
  }

  /** Returns the policy with these fields set. */
  WorkspacePolicy appliedTo(WorkspacePolicy policy) {
    return new WorkspacePolicy(
        defaultLifetime == null
            ? base("defaultLifetime", policy).defaultLifetime()
            : defaultLifetime,
        maxLifetime == null ? base("maxLifetime", policy).maxLifetime() : maxLifetime,
        allowNoExpiry == null ? base("allowNoExpiry", policy).allowNoExpiry() : allowNoExpiry,
        renewalWindow == null ? base("renewalWindow", policy).renewalWindow() : renewalWindow,
        defaultOverlap == null ? base("defaultOverlap", policy).defaultOverlap() : defaultOverlap,
        reminders == null ? base("reminders", policy).reminders() : reminders,
        allowedPermissions == null
            ? base("allowedPermissions", policy).allowedPermissions()
            : allowedPermissions,
        maxKeys == null ? base("maxKeys", policy).maxKeys() : maxKeys,
        operatorsOutliveIssuer == null
            ? base("operatorsOutliveIssuer", policy).operatorsOutliveIssuer()
            : operatorsOutliveIssuer,
        holderMay == null ? base("holderMay", policy).holderMay() : holderMay,
        rotationQuiet == null ? base("rotationQuiet", policy).rotationQuiet() : rotationQuiet);
  }

  /** Returns the policy from which a field that is not set is taken. */
  private WorkspacePolicy base(String field, WorkspacePolicy policy) {
    return cleared.contains(field) ? WorkspacePolicy.DEFAULT : policy;
  }
}
