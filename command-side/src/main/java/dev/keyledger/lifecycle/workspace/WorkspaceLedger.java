package dev.keyledger.lifecycle.workspace;

import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspaceEvent;
import dev.keyledger.events.WorkspaceView;
import dev.keyledger.lifecycle.KeyLedger.Origin;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.log.AnswerRecord;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.NewEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries out commands about workspaces, decided on what the log holds. Commands are few, so that
 * each reads the workspace anew; nothing of Axon is needed for that. Thread-safe.
 */
public final class WorkspaceLedger {
  /** How often a command is decided anew because somebody changed its workspace in between. */
  static final int ATTEMPTS_MAX = 5;

  private final LogAppender appender;
  private final LogReader log;

  public WorkspaceLedger(LogAppender appender, LogReader log) {
    this.appender = appender;
    this.log = log;
  }

  /** What became of a command. */
  public sealed interface Result {}

  /** It was carried out and is durable; the workspace as the log holds it now. */
  public record Done(WorkspaceView workspace) implements Result {}

  /** It was refused, and nothing happened. */
  public record Refused(Outcome.Rejected rejected) implements Result {}

  /** The workspace as the log holds it; null if there is none of that name. */
  public @Nullable WorkspaceView read(String workspace) {
    return WorkspaceView.fold(workspace, log.readStream(StreamId.ofWorkspace(workspace)));
  }

  /**
   * Carries a command out; blocks until the outcome is durable.
   *
   * @param answers what is to be kept of the answer, by the append that records it
   * @throws AppendConflictException if somebody else was faster, time and again, or an answer was
   *     kept already
   * @throws dev.keyledger.log.StoreUnavailableException if nothing was done
   * @throws dev.keyledger.log.OutcomeUnknownException if it is not known whether it was recorded
   */
  public Result carryOut(WorkspaceCommand command, Origin origin, List<AnswerRecord> answers) {
    for (int attempt = 1; ; attempt++) {
      try {
        return decideAndAppend(command, origin, answers);
      } catch (AppendConflictException conflict) {
        if (conflict.kind() != AppendConflictException.Kind.SEQUENCE || attempt == ATTEMPTS_MAX) {
          throw conflict;
        }
      }
    }
  }

  private Result decideAndAppend(
      WorkspaceCommand command, Origin origin, List<AnswerRecord> answers) {
    WorkspaceView before = read(command.workspace());
    return switch (WorkspaceDecider.decide(before, command)) {
      case WorkspaceDecider.Refused refused -> new Refused(refused.rejected());
      case WorkspaceDecider.Accepted accepted ->
          new Done(
              accepted
                  .event()
                  .map(event -> append(before, command.workspace(), event, origin, answers))
                  .orElseGet(() -> keep(before, answers)));
    };
  }

  private WorkspaceView append(
      @Nullable WorkspaceView before,
      String workspace,
      WorkspaceEvent event,
      Origin origin,
      List<AnswerRecord> answers) {
    var added =
        new NewEvent(
            StreamId.ofWorkspace(workspace),
            before == null ? 0 : before.version(),
            workspace,
            event,
            origin.actor(),
            origin.requestId(),
            origin.context());
    LoggedEvent appended = appender.append(List.of(added), answers).getFirst();
    return WorkspaceView.after(before, appended);
  }

  /** There is no append that the answer could be kept by, and nothing that it could miss. */
  private WorkspaceView keep(@Nullable WorkspaceView already, List<AnswerRecord> answers) {
    if (already == null) {
      throw new IllegalStateException("nothing is as ordered that does not exist");
    }
    appender.append(
        List.of(), answers.stream().map(answer -> answer.at(already.position())).toList());
    return already;
  }
}
