package dev.keyledger.lifecycle.axon;

import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyDecider;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.log.axon.AppendReceipt;
import dev.keyledger.log.axon.LedgerStorageEngine;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.messaging.annotation.MetaDataValue;
import org.axonframework.messaging.annotation.SourceId;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.axonframework.spring.stereotype.Aggregate;
import org.jspecify.annotations.Nullable;

/**
 * A key as Axon sees it: loads the state, asks {@link KeyDecider}, applies what it decides. Used by
 * one thread at a time, as Axon's lock sees to, and for one command after the other while it is
 * among the {@link RecentKeys}.
 */
@Aggregate(commandTargetResolver = "keyCommandTargets", repository = "keyRepository")
class KeyAggregate {
  /** The name of the command that finds its key in the log. */
  static final String COMMAND = "KeyCommand";

  /** The name of the command that begins a key: there is nothing to load. */
  static final String BEGINNING_COMMAND = "BeginningKeyCommand";

  @SuppressWarnings("UnusedVariable") // Axon reads it
  @AggregateIdentifier
  private @Nullable String keyId;

  /** The key as the log has it; null before its first event. */
  private @Nullable KeyView logged;

  KeyAggregate() {}

  /** What a command led to, to be completed by what the log says of it. */
  record Handled(Outcome outcome, @Nullable KeyView before, AppendReceipt receipt) {}

  @CommandHandler(commandName = COMMAND)
  @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
  Handled handle(KeyCommand command) {
    keyId = command.keyId().value();
    Outcome outcome = KeyDecider.decide(stateSeenFrom(command), command);
    AppendReceipt receipt = AppendReceipt.ofCurrentUnitOfWork();
    var handled = new Handled(outcome, logged, receipt);
    if (outcome instanceof Outcome.Accepted accepted) {
      accepted.events().forEach(event -> apply(event));
      CurrentUnitOfWork.get().afterCommit(_ -> logged = KeyView.after(logged, receipt.appended()));
    }
    return handled;
  }

  @CommandHandler(commandName = BEGINNING_COMMAND)
  @CreationPolicy(AggregateCreationPolicy.ALWAYS)
  Handled begin(KeyCommand command) {
    return handle(command);
  }

  /** An event that was read; one that is not in the log yet counts once it is. */
  @EventSourcingHandler
  void on(
      KeyEvent event,
      @SourceId String streamId,
      @MetaDataValue(LedgerStorageEngine.LOGGED) @Nullable LoggedEvent read) {
    keyId = streamId;
    if (read != null) {
      logged = KeyView.after(logged, read);
    }
  }

  /** A key of another workspace is seen as one that does not exist. */
  private KeyState stateSeenFrom(KeyCommand command) {
    return logged != null && logged.workspace().equals(command.circumstances().workspace())
        ? logged.state()
        : new KeyState.NotIssued();
  }
}
