package dev.keyledger.lifecycle.workspace;

import dev.keyledger.events.ContextErased;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.PolicyChanged;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.events.WorkspaceOpened;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.events.WorkspaceView;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.Outcome.Accepted;
import dev.keyledger.lifecycle.Outcome.Reason;
import dev.keyledger.lifecycle.Outcome.Rejected;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.ChangePolicy;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.CloseWorkspace;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.EraseContexts;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.OpenWorkspace;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides commands on workspaces, from the workspace and the command alone. Checks in the
 * contract's order: it exists, it has the expected version, the fields are within limits, the state
 * allows it.
 */
public final class WorkspaceDecider {
  /**
   * The maximum number of a workspace's events up to which contexts can be erased. The limit for
   * changes of webhooks is lower, so that they cannot use up the room for erasures.
   */
  public static final int EVENTS_MAX = 2 * WebhookDecider.EVENTS_MAX;

  private WorkspaceDecider() {}

  /**
   * Decides a command.
   *
   * @param workspace by its events; null: there is none
   */
  public static Outcome decide(@Nullable WorkspaceView workspace, WorkspaceCommand command) {
    return switch (command) {
      case OpenWorkspace open -> open(workspace, open);
      case ChangePolicy change ->
          missing(workspace, change.expectedVersions())
              .orElseGet(() -> change(present(workspace), change));
      case CloseWorkspace close ->
          missing(workspace, close.expectedVersions()).orElseGet(() -> close(present(workspace)));
      case EraseContexts erase ->
          missing(workspace, null).orElseGet(() -> erase(present(workspace), erase));
      case WebhookCommand webhook -> WebhookDecider.decide(workspace, webhook);
    };
  }

  private static Outcome open(@Nullable WorkspaceView workspace, OpenWorkspace command) {
    WorkspacePolicy policy = command.policy().appliedTo(WorkspacePolicy.DEFAULT);
    return faulty(policy)
        .orElseGet(() ->
            workspace == null
                ? Accepted.of(new WorkspaceOpened(policy))
                : rejected(
                    Reason.WORKSPACE_EXISTS,
                    "There is, or was, a workspace of that name; names are never used again."));
  }

  private static Outcome change(WorkspaceView workspace, ChangePolicy command) {
    WorkspacePolicy policy = command.policy().appliedTo(workspace.policy());
    return faulty(policy)
        .orElseGet(() -> {
          if (workspace.isClosed()) {
            return Rejected.WORKSPACE_CLOSED;
          }
          return policy.equals(workspace.policy())
              ? Accepted.of()
              : Accepted.of(new PolicyChanged(policy));
        });
  }

  private static Outcome close(WorkspaceView workspace) {
    if (workspace.workspace().equals(WorkspaceView.DEFAULT_NAME)) {
      return rejected(
          Reason.INVALID_FIELD, "The workspace that exists from the start cannot be closed.");
    }
    return workspace.isClosed() ? Accepted.of() : Accepted.of(new WorkspaceClosed());
  }

  /** Erases contexts, in a closed workspace too. */
  private static Outcome erase(WorkspaceView workspace, EraseContexts command) {
    if (command.positions().isEmpty()) {
      return Accepted.of();
    }
    if (workspace.version() >= EVENTS_MAX) {
      return rejected(
          Reason.HISTORY_FULL,
          "The workspace has "
              + EVENTS_MAX
              + " events, the most after which contexts can be erased in it.");
    }
    KeyId keyId = command.keyId();
    return Accepted.of(
        new ContextErased(
            command.actor(), keyId == null ? null : keyId.value(), command.positions().size()));
  }

  private static Optional<Outcome> missing(
      @Nullable WorkspaceView workspace, @Nullable Set<Long> expectedVersions) {
    if (workspace == null) {
      return Optional.of(rejected(Reason.NOT_FOUND, "There is no such workspace."));
    }
    return expectedVersions == null || expectedVersions.contains(workspace.version())
        ? Optional.empty()
        : Optional.of(Rejected.versionMismatch("workspace", expectedVersions));
  }

  private static Optional<Outcome> faulty(WorkspacePolicy policy) {
    return PolicyLimits.fault(policy).map(fault -> rejected(Reason.INVALID_FIELD, fault));
  }

  private static Outcome rejected(Reason reason, String detail) {
    return new Rejected(reason, detail);
  }

  private static WorkspaceView present(@Nullable WorkspaceView workspace) {
    if (workspace == null) {
      throw new IllegalStateException("an absent workspace must be rejected first");
    }
    return workspace;
  }
}
