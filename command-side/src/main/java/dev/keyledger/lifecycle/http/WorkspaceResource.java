package dev.keyledger.lifecycle.http;

import dev.keyledger.events.HolderAction;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.events.WorkspaceView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A workspace as the API shows it; absent values are left out.
 *
 * @param createdAt null for {@code default}, which exists from the start
 */
record WorkspaceResource(
    String workspace,
    String status,
    Policy policy,
    @Nullable Instant createdAt,
    @Nullable Instant closedAt,
    long version) {

  /** A policy, with the fields that events leave out. */
  record Policy(
      Duration defaultLifetime,
      Duration maxLifetime,
      boolean allowNoExpiry,
      Duration renewalWindow,
      Duration defaultOverlap,
      List<Duration> reminders,
      @Nullable List<String> allowedPermissions,
      long maxKeys,
      boolean operatorsOutliveIssuer,
      List<HolderAction> holderMay,
      Duration rotationQuiet) {
    static Policy of(WorkspacePolicy policy) {
      return new Policy(
          policy.defaultLifetime(),
          policy.maxLifetime(),
          policy.allowNoExpiry(),
          policy.renewalWindow(),
          policy.defaultOverlap(),
          policy.reminders(),
          policy.allowedPermissions(),
          policy.maxKeys(),
          policy.letsOperatorsOutliveIssuer(),
          policy.allowedToHolders(),
          policy.quietOfRotations());
    }
  }

  static WorkspaceResource of(WorkspaceView view) {
    return new WorkspaceResource(
        view.workspace(),
        view.isClosed() ? "closed" : "open",
        Policy.of(view.policy()),
        view.openedAt(),
        view.closedAt(),
        view.version());
  }
}
