package dev.keyledger.lifecycle.axon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.PolicyChanged;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.events.WorkspaceEvent;
import dev.keyledger.events.WorkspaceOpened;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.events.WorkspaceView;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.workspace.PolicyChange;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.ChangePolicy;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.CloseWorkspace;
import dev.keyledger.lifecycle.workspace.WorkspaceCommand.OpenWorkspace;
import dev.keyledger.lifecycle.workspace.WorkspaceDecision;
import dev.keyledger.log.axon.AppendUnit;
import dev.keyledger.log.axon.LedgerStorageEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.axonframework.commandhandling.CommandResultMessage;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.messaging.GenericMessage;
import org.axonframework.modelling.command.VersionedAggregateIdentifier;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.axonframework.test.aggregate.ResultValidator;
import org.hamcrest.CustomMatcher;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.Test;

/** The adapter that Axon sees: it loads a workspace and applies decisions. */
class WorkspaceAggregateTest {
  private static final WorkspacePolicy POLICY = WorkspacePolicy.DEFAULT;

  @Test
  void opensAWorkspace() {
    when(List.of(), new OpenWorkspace("acme", PolicyChange.NONE))
        .expectEvents(new WorkspaceOpened(POLICY))
        .expectResultMessageMatching(decided(decision -> decision.before() == null));
  }

  @Test
  void goesOnFromTheWorkspaceThatTheLogHas() {
    when(List.of(new WorkspaceOpened(POLICY)), new CloseWorkspace("acme", null))
        .expectEvents(new WorkspaceClosed())
        .expectResultMessageMatching(decided(decision -> decision.position() == 1));
  }

  @Test
  void theDefaultWorkspaceExistsWithoutAnEvent() {
    var change =
        new PolicyChange(null, null, null, null, null, null, null, 7L, null, null, null, Set.of());
    when(List.of(), new ChangePolicy(WorkspaceView.DEFAULT_NAME, null, change))
        .expectEvents(new PolicyChanged(change(POLICY, 7)));
  }

  @Test
  void aRejectedCommandAppliesNothing() {
    when(List.of(new WorkspaceOpened(POLICY)), new OpenWorkspace("acme", PolicyChange.NONE))
        .expectNoEvents()
        .expectResultMessageMatching(
            decided(decision -> decision.outcome() instanceof Outcome.Rejected));
  }

  private static WorkspacePolicy change(WorkspacePolicy policy, long maxKeys) {
    return new WorkspacePolicy(
        policy.defaultLifetime(),
        policy.maxLifetime(),
        policy.allowNoExpiry(),
        policy.renewalWindow(),
        policy.defaultOverlap(),
        policy.reminders(),
        policy.allowedPermissions(),
        maxKeys,
        policy.operatorsOutliveIssuer(),
        policy.holderMay(),
        policy.rotationQuiet());
  }

  private static Matcher<CommandResultMessage<?>> decided(Predicate<WorkspaceDecision> expected) {
    return new CustomMatcher<>("the decision") {
      @Override
      public boolean matches(Object message) {
        assertThat(((CommandResultMessage<?>) message).getPayload())
            .isInstanceOfSatisfying(
                WorkspaceDecision.class, decision -> assertThat(decision).matches(expected));
        return true;
      }
    };
  }

  private static ResultValidator<WorkspaceAggregate> when(
      List<WorkspaceEvent> given, WorkspaceCommand command) {
    var fixture = new AggregateTestFixture<>(WorkspaceAggregate.class);
    fixture.registerCommandTargetResolver(
        _ -> new VersionedAggregateIdentifier((Object) command.workspace(), null));
    fixture.setReportIllegalStateChange(false); // the state comes from the log
    var messages = new ArrayList<Object>();
    for (WorkspaceEvent event : given) {
      messages.add(
          GenericEventMessage.asEventMessage(event)
              .withMetaData(
                  Map.of(LedgerStorageEngine.LOGGED, logged(messages.size(), command, event))));
    }
    var message =
        new GenericCommandMessage<>(
            new GenericMessage<>(command, Map.of(AppendUnit.KEY, KeyAggregateTest.unit())),
            WorkspaceAggregate.COMMAND);
    return (messages.isEmpty() ? fixture.givenNoPriorActivity() : fixture.given(messages))
        .when(message);
  }

  private static LoggedEvent logged(int sequence, WorkspaceCommand command, WorkspaceEvent event) {
    return new LoggedEvent(
        sequence + 1,
        StreamId.ofWorkspace(command.workspace()),
        sequence,
        command.workspace(),
        KeyAggregateTest.NOW,
        Actor.ROOT,
        "req",
        event,
        EventContext.NONE);
  }
}
