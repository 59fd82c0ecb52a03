package dev.keyledger.lifecycle.workspace;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.WorkspaceView;
import dev.keyledger.lifecycle.CommandDecision;
import dev.keyledger.lifecycle.Outcome;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The decision about a command on a workspace.
 *
 * @param before the workspace before the command; null: there was none
 */
public record WorkspaceDecision(Outcome outcome, @Nullable WorkspaceView before)
    implements CommandDecision {
  @Override
  public Optional<Outcome.Rejected> rejected() {
    return outcome instanceof Outcome.Rejected rejected ? Optional.of(rejected) : Optional.empty();
  }

  @Override
  public long position() {
    return before == null ? 0 : before.position();
  }

  /**
   * Returns the workspace after an accepted command.
   *
   * @param appended the events of the command as they are in the log
   */
  public WorkspaceView after(List<LoggedEvent> appended) {
    WorkspaceView view = before;
    for (LoggedEvent event : appended) {
      view = WorkspaceView.after(view, event);
    }
    return requireNonNull(view, "an accepted command leaves a workspace");
  }
}
