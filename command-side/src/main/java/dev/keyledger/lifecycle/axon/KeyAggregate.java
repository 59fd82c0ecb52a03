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
 * A key as Axon sees it: loads the state, asks {@link KeyDecider}, applies its events. Axon's lock
 * admits one thread at a time; while the key is among the {@link RecentKeys}, one instance serves
 * successive commands.
 */
@Aggregate(commandTargetResolver = "keyCommandTargets", repository = "keyRepository")
class KeyAggregate {
  /** The name of the command on a key that is in the log. */
  static final String COMMAND = "KeyCommand";

  /** The name of commands that create a key, for which there is nothing to load. */
  static final String BEGINNING_COMMAND = "BeginningKeyCommand";

  @SuppressWarnings("UnusedVariable") // Axon reads it
  @AggregateIdentifier
  private @Nullable String keyId;

  /** The state after all events, including those that are not in the log yet. */
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

  /** Sets the state to the key that was read from the log. */
  @EventSourcingHandler
  void on(KeyView read) {
    keyId = read.keyId().value();
    logged = read;
    state = read.state();
  }

  /** Applies an event of a command of this unit of work. */
  @EventSourcingHandler
  void on(KeyEvent event, @SourceId String streamId) {
    keyId = streamId;
    state = state.evolve(event);
  }

  /**
   * Returns the event for the effect of a plan; null if the plan has had none. A command that finds
   * it causes no such event itself.
   */
  private @Nullable KeyEvent effectOfPlan(Instant now) {
    Plan plan = state instanceof KeyState.Issued key ? key.plan() : null;
    return plan == null || !plan.isInEffectAt(now) ? null : plan.effect();
  }

  /** Returns the state as seen from a workspace: a key of another one does not exist. */
  private KeyState stateSeenFrom(KeyCommand command) {
    return logged != null && logged.workspace().equals(command.context().workspace())
        ? state
        : new KeyState.NotIssued();
  }
}
