package dev.keyledger.lifecycle.axon;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.KeyId;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.lifecycle.CommandDecision;
import dev.keyledger.lifecycle.ContentionException;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyDecision;
import dev.keyledger.lifecycle.Ledger;
import dev.keyledger.lifecycle.LedgerCommand;
import dev.keyledger.lifecycle.WorkspaceCatchUp;
import dev.keyledger.lifecycle.idempotency.RepeatableRequest;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.axon.AppendUnit;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.commandhandling.gateway.CommandGateway;
import org.axonframework.messaging.GenericMessage;
import org.jspecify.annotations.Nullable;

/** Sends commands over Axon's bus, and again after a conflict with other commands. Thread-safe. */
final class AxonLedger implements Ledger {
  private final CommandGateway gateway;
  private final WorkspaceCatchUp workspaces;
  private final RecentKeys recent;

  AxonLedger(CommandGateway gateway, WorkspaceCatchUp workspaces, RecentKeys recent) {
    this.gateway = gateway;
    this.workspaces = workspaces;
    this.recent = recent;
  }

  @Override
  public <D extends CommandDecision> Result<D> execute(
      Supplier<Order<D>> orders, @Nullable RepeatableRequest request) {
    for (int number = 1; ; number++) {
      var attempt = new CommandAttempt<>(orders.get(), request, number);
      try {
        return send(attempt);
      } catch (RuntimeException failure) {
        if (!CommandRetry.mayHelp(attempt.order().command(), failure)) {
          throw failure;
        }
        if (attempt.endsWith(failure)) {
          throw new ContentionException(failure);
        }
        if (failure instanceof AppendConflictException conflict
            && conflict.kind() == AppendConflictException.Kind.WORKSPACE) {
          workspaces.catchUp();
        }
      }
    }
  }

  private <D extends CommandDecision> Result<D> send(CommandAttempt<D> attempt) {
    Order<D> order = attempt.order();
    LedgerCommand<D> command = order.command();
    boolean usesCache = command instanceof KeyCommand && attempt.number() == 1;
    var unit = new AppendUnit(order.origin(), command.workspacesKnown(), usesCache);
    if (command instanceof KeyCommand key) {
      unit.readKeysOf(key.context().workspace());
    }
    D decision = requireNonNull(gateway.sendAndWait(message(attempt, unit)), "no handler answered");
    var result = new Result<>(order, decision, unit.appended());
    if (decision instanceof KeyDecision key) {
      trimCache(((KeyCommand) command).keyId(), key, result.appended());
    }
    return result;
  }

  /**
   * Evicts a key that is large, and one that the command did not change: otherwise a key that does
   * not exist would be cached too.
   */
  private void trimCache(KeyId keyId, KeyDecision decision, List<LoggedEvent> appended) {
    if (appended.isEmpty()) {
      recent.remove(keyId.value());
    } else {
      recent.removeIfLarge(decision.after(appended));
    }
  }

  private static CommandMessage<?> message(CommandAttempt<?> attempt, AppendUnit unit) {
    LedgerCommand<?> command = attempt.order().command();
    return new GenericCommandMessage<>(
        new GenericMessage<>(command, Map.of(CommandAttempt.KEY, attempt, AppendUnit.KEY, unit)),
        nameOf(command));
  }

  /**
   * Returns the name by which Axon routes a command: each kind of aggregate has one handler for all
   * its commands.
   */
  private static String nameOf(LedgerCommand<?> command) {
    return switch (command) {
      case KeyCommand.IssueKey _, KeyCommand.ImportKey _ -> KeyAggregate.BEGINNING_COMMAND;
      case KeyCommand _ -> KeyAggregate.COMMAND;
      case WorkspaceCommand _ -> WorkspaceAggregate.COMMAND;
      default -> command.getClass().getName();
    };
  }
}
