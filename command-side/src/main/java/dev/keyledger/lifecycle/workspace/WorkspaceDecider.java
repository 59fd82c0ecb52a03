package dev.keyledger.lifecycle.workspace;

import dev.keyledger.events.PolicyChanged;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.events.WorkspaceEvent;
import dev.keyledger.events.WorkspaceOpened;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.events.WorkspaceView;
import dev.keyledger.lifecycle.Outcome.Reason;
import dev.keyledger.lifecycle.Outcome.Rejected;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.ChangePolicy;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.CloseWorkspace;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.OpenWorkspace;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what becomes of a command about a workspace, from the workspace and the command alone.
 * Checks in the contract's order: it exists, it has the expected version, the fields are within
 * limits, the state allows it.
 */
public final class WorkspaceDecider {
  private WorkspaceDecider() {}

  /** What becomes of a command. */
  public sealed interface Decision {}

  /**
   * It is carried out.
   *
   * @param event what happens; empty if everything already is as ordered
   */
  public record Accepted(Optional<WorkspaceEvent> event) implements Decision {
    static Accepted of(WorkspaceEvent event) {
      return new Accepted(Optional.of(event));
    }

    static Accepted already() {
      return new Accepted(Optional.empty());
    }
  }

  /** It is refused, and nothing happens. */
  public record Refused(Rejected rejected) implements Decision {}

  /**
   * What becomes of the command.
   *
   * @param workspace as its events have it; null: there is none
   */
  public static Decision decide(@Nullable WorkspaceView workspace, WorkspaceCommand command) {
    return switch (command) {
      case OpenWorkspace open -> open(workspace, open);
      case ChangePolicy change ->
          missing(workspace, change.expectedVersions())
              .orElseGet(() -> change(present(workspace), change));
      case CloseWorkspace close ->
          missing(workspace, close.expectedVersions()).orElseGet(() -> close(present(workspace)));
    };
  }

  private static Decision open(@Nullable WorkspaceView workspace, OpenWorkspace command) {
    WorkspacePolicy policy = command.policy().appliedTo(WorkspacePolicy.DEFAULT);
    return faulty(policy)
        .orElseGet(() ->
            workspace == null
                ? Accepted.of(new WorkspaceOpened(policy))
                : refused(
                    Reason.WORKSPACE_EXISTS,
                    "There is, or was, a workspace of that name; names are never used again."));
  }

  private static Decision change(WorkspaceView workspace, ChangePolicy command) {
    WorkspacePolicy policy = command.policy().appliedTo(workspace.policy());
    return faulty(policy)
        .orElseGet(() -> {
          if (workspace.isClosed()) {
            return new Refused(Rejected.WORKSPACE_CLOSED);
          }
          return policy.equals(workspace.policy())
              ? Accepted.already()
              : Accepted.of(new PolicyChanged(policy));
        });
  }

  private static Decision close(WorkspaceView workspace) {
    if (workspace.workspace().equals(WorkspaceView.DEFAULT_NAME)) {
      return refused(
          Reason.INVALID_FIELD, "The workspace that exists from the start cannot be closed.");
    }
    return workspace.isClosed() ? Accepted.already() : Accepted.of(new WorkspaceClosed());
  }

  private static Optional<Decision> missing(
      @Nullable WorkspaceView workspace, @Nullable Set<Long> expectedVersions) {
    if (workspace == null) {
      return Optional.of(refused(Reason.NOT_FOUND, "There is no such workspace."));
    }
    return expectedVersions == null || expectedVersions.contains(workspace.version())
        ? Optional.empty()
        : Optional.of(
            refused(
                Reason.VERSION_MISMATCH,
                "The workspace has another version than If-Match names; read it again."));
  }

  private static Optional<Decision> faulty(WorkspacePolicy policy) {
    return PolicyLimits.fault(policy).map(fault -> refused(Reason.INVALID_FIELD, fault));
  }

  private static Decision refused(Reason reason, String detail) {
    return new Refused(new Rejected(reason, detail));
  }

  private static WorkspaceView present(@Nullable WorkspaceView workspace) {
    if (workspace == null) {
      throw new IllegalStateException("its absence was told before");
    }
    return workspace;
  }
}
