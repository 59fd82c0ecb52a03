package dev.keyledger.lifecycle.axon;

import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Plan;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyDecider;
import dev.keyledger.lifecycle.KeyDecision;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.log.axon.AppendUnit;
import java.time.Instant;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.annotation.MetaDataValue;
import org.axonframework.messaging.annotation.SourceId;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.modelling.command.AggregateCreationPolicy;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.CreationPolicy;
import org.axonframework.spring.stereotype.Aggregate;
import org.jspecify.annotations.Nullable;

/**
 * A key as Axon sees it: loads the state, asks {@link KeyDecider}, applies what it decides. Axon's
 * lock lets one thread use it at a time, for one command after the other while it is among the
 * {@link RecentKeys}.
 */
@Aggregate(commandTargetResolver = "keyCommandTargets", repository = "keyRepository")
class KeyAggregate {
  /** The name of the command on a key that is in the log. */
  static final String COMMAND = "KeyCommand";

  /** The name of the command that begins a key: there is nothing to load. */
  static final String BEGINNING_COMMAND = "BeginningKeyCommand";

  @SuppressWarnings("UnusedVariable") // Axon reads it
  @AggregateIdentifier
  private @Nullable String keyId;

  /** The state after all events, those that are not in the log yet included. */
  private KeyState state = new KeyState.NotIssued();

  /** The key as the log has it; null before its first event. */
  private @Nullable KeyView logged;

  KeyAggregate() {}

  @CommandHandler(commandName = COMMAND)
  @CreationPolicy(AggregateCreationPolicy.CREATE_IF_MISSING)
  KeyDecision handle(KeyCommand command, @MetaDataValue(AppendUnit.KEY) AppendUnit unit) {
    keyId = command.keyId().value();
    var decision = new KeyDecision(KeyDecider.decide(stateSeenFrom(command), command), logged);
    if (decision.outcome() instanceof Outcome.Accepted accepted) {
      String workspace = command.context().workspace();
      MetaData metaData = unit.eventMetaData(workspace);
      KeyEvent effect = effectOfPlan(command.context().now());
      accepted
          .events()
          .forEach(event ->
              apply(event, event.equals(effect) ? unit.metaDataOfPlan(workspace) : metaData));
      if (unit.usesCache()) {
        CurrentUnitOfWork.get().afterCommit(_ -> logged = KeyView.after(logged, unit.appended()));
      }
    }
    return decision;
  }

  @CommandHandler(commandName = BEGINNING_COMMAND)
  @CreationPolicy(AggregateCreationPolicy.ALWAYS)
  KeyDecision begin(KeyCommand command, @MetaDataValue(AppendUnit.KEY) AppendUnit unit) {
    return handle(command, unit);
  }

  /** Takes over the key as it was read from the log. */
  @EventSourcingHandler
  void on(KeyView read) {
    keyId = read.keyId().value();
    logged = read;
    state = read.state();
  }

  /** Follows an event that a command of this unit of work causes. */
  @EventSourcingHandler
  void on(KeyEvent event, @SourceId String streamId) {
    keyId = streamId;
    state = state.evolve(event);
  }

  /**
   * Returns the event that records what a plan has made of the key; null if it has made nothing of
   * it. No command leads to the same event on its own account then.
   */
  private @Nullable KeyEvent effectOfPlan(Instant now) {
    Plan plan = state instanceof KeyState.Issued key ? key.plan() : null;
    return plan == null || !plan.isInEffectAt(now) ? null : plan.effect();
  }

  /** A key of another workspace is seen as one that does not exist. */
  private KeyState stateSeenFrom(KeyCommand command) {
    return logged != null && logged.workspace().equals(command.context().workspace())
        ? state
        : new KeyState.NotIssued();
  }
}
