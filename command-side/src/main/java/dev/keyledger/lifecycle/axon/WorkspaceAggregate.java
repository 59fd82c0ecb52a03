package dev.keyledger.lifecycle.axon;

import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.WorkspaceEvent;
import dev.keyledger.events.WorkspaceView;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.EraseContexts;
import dev.keyledger.lifecycle.workspace.WorkspaceDecider;
import dev.keyledger.lifecycle.workspace.WorkspaceDecision;
import dev.keyledger.log.axon.AppendUnit;
import dev.keyledger.log.axon.LedgerStorageEngine;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.messaging.annotation.MetaDataValue;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.axonframework.spring.stereotype.Aggregate;
import org.jspecify.annotations.Nullable;

/**
 * A workspace as Axon sees it: loads it, asks {@link WorkspaceDecider}, applies its events.
 * Commands on workspaces are rare, so that each reads the workspace from the log.
 */
@Aggregate(commandTargetResolver = "workspaceCommandTargets", repository = "workspaceRepository")
class WorkspaceAggregate {
  /** The name of all commands on a workspace. */
  static final String COMMAND = "WorkspaceCommand";

  @SuppressWarnings("UnusedVariable") // Axon reads it
  @AggregateIdentifier
  private @Nullable String name;

  /** The workspace as the log has it; null before its first event. */
  private @Nullable WorkspaceView logged;

  WorkspaceAggregate() {}

  @CommandHandler(commandName = COMMAND)
  @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
  WorkspaceDecision handle(
      WorkspaceCommand command, @MetaDataValue(AppendUnit.KEY) AppendUnit unit) {
    name = command.workspace();
    WorkspaceView before = logged == null ? WorkspaceView.atFirst(name) : logged;
    Outcome outcome = WorkspaceDecider.decide(before, command);
    if (outcome instanceof Outcome.Accepted accepted) {
      accepted.events().forEach(event -> apply(event, unit.eventMetaData(command.workspace())));
      if (command instanceof EraseContexts erase) {
        unit.erase(erase.positions());
      }
    }
    return new WorkspaceDecision(outcome, before);
  }

  /**
   * @param read the event as it was read from the log; null if this command causes it
   */
  @EventSourcingHandler
  void on(
      WorkspaceEvent event, @MetaDataValue(LedgerStorageEngine.LOGGED) @Nullable LoggedEvent read) {
    if (read != null) {
      name = read.workspace();
      WorkspaceView before = logged == null ? WorkspaceView.atFirst(read.workspace()) : logged;
      logged = WorkspaceView.after(before, read);
    }
  }
}
