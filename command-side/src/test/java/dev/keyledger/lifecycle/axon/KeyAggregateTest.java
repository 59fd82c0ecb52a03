package dev.keyledger.lifecycle.axon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.access.Ceiling;
import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.events.Actor;
import dev.keyledger.events.Digest;
import dev.keyledger.events.Environment;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.OwnerType;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.SuspensionPlanned;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.KeyCommand;
import dev.keyledger.lifecycle.KeyDecision;
import dev.keyledger.lifecycle.KeyName;
import dev.keyledger.lifecycle.KeySpecification;
import dev.keyledger.lifecycle.LedgerCommand;
import dev.keyledger.lifecycle.Metadata;
import dev.keyledger.lifecycle.Outcome;
import dev.keyledger.lifecycle.RequestedExpiry;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.log.axon.AppendUnit;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.commandhandling.CommandResultMessage;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.messaging.GenericMessage;
import org.axonframework.messaging.MetaData;
import org.axonframework.modelling.command.VersionedAggregateIdentifier;
import org.axonframework.test.aggregate.AggregateTestFixture;
import org.axonframework.test.aggregate.ResultValidator;
import org.hamcrest.CustomMatcher;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.Test;

/** The adapter that Axon sees: it applies decisions, and loads no key of another workspace. */
class KeyAggregateTest {
  static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
  static final KeyId KEY = KeyId.of(NOW.toEpochMilli(), 1, 2);
  static final StoredSecret SECRET = new StoredSecret(new Digest(1, 2, 3, 4), 1, null);
  static final Owner OWNER = new Owner(OwnerType.APP, "billing");

  @Test
  void beginsAKey() {
    var issue = new KeyCommand.IssueKey(KEY, in("default"), specification(), SECRET);
    when(List.of(), issue, KeyAggregate.BEGINNING_COMMAND).expectEvents(issued());
  }

  @Test
  void continuesAKey() {
    when(List.of(issued()), new KeyCommand.SuspendKey(KEY, in("default")), KeyAggregate.COMMAND)
        .expectEvents(new KeySuspended());
  }

  @Test
  void handsBackTheKeyAsItWasRead() {
    when(List.of(issued(), new KeySuspended()), revoke("default"), KeyAggregate.COMMAND)
        .expectEvents(new KeyRevoked(RevocationReason.POLICY))
        .expectResultMessageMatching(
            new CustomMatcher<>("the key before") {
              @Override
              public boolean matches(Object message) {
                var decision = (KeyDecision) ((CommandResultMessage<?>) message).getPayload();
                assertThat(decision.before()).isNotNull();
                return decision.before().position() == 2;
              }
            });
  }

  @Test
  void leavesTheRecordOfAPlansEffectToTheSystem() {
    var resume = new KeyCommand.ResumeKey(KEY, in("default"));
    when(List.of(issued(), new SuspensionPlanned(NOW)), resume, KeyAggregate.COMMAND)
        .expectEventsMatching(
            messagesWithPayloadsAndMetaData(
                Map.of(
                    new KeySuspended(), unit().metaDataOfPlan("default"),
                    new KeyResumed(), unit().eventMetaData("default"))));
    when(List.of(issued(), new KeySuspended()), resume, KeyAggregate.COMMAND)
        .expectEventsMatching(
            messagesWithPayloadsAndMetaData(
                Map.of(new KeyResumed(), unit().eventMetaData("default"))));
  }

  private static Matcher<List<EventMessage<?>>> messagesWithPayloadsAndMetaData(
      Map<KeyEvent, MetaData> expected) {
    return new CustomMatcher<>("events by " + expected) {
      @Override
      public boolean matches(Object messages) {
        return ((List<?>) messages)
            .stream()
                .map(message -> (EventMessage<?>) message)
                .collect(Collectors.toMap(EventMessage::getPayload, EventMessage::getMetaData))
                .equals(expected);
      }
    };
  }

  @Test
  void seesNoKeyOfAnotherWorkspace() {
    when(List.of(issued()), revoke("other"), KeyAggregate.COMMAND)
        .expectNoEvents()
        .expectResultMessageMatching(rejected(Outcome.Reason.NOT_FOUND));
  }

  @Test
  void refusesWithoutAnEvent() {
    when(List.of(), revoke("default"), KeyAggregate.COMMAND)
        .expectNoEvents()
        .expectResultMessageMatching(rejected(Outcome.Reason.NOT_FOUND));
  }

  private static Matcher<CommandResultMessage<?>> rejected(Outcome.Reason reason) {
    return new CustomMatcher<>("rejected: " + reason) {
      @Override
      public boolean matches(Object message) {
        return ((CommandResultMessage<?>) message).getPayload() instanceof KeyDecision decision
            && decision.outcome() instanceof Outcome.Rejected rejected
            && rejected.reason() == reason;
      }
    };
  }

  private static ResultValidator<KeyAggregate> when(
      List<KeyEvent> given, KeyCommand command, String name) {
    var fixture = new AggregateTestFixture<>(KeyAggregate.class);
    fixture.registerCommandTargetResolver(
        message -> new VersionedAggregateIdentifier((Object) KEY.value(), null));
    if (given.isEmpty() && name.equals(KeyAggregate.COMMAND)) {
      fixture.setReportIllegalStateChange(false); // there is no key whose state could be compared
    }
    var events = new ArrayList<LoggedEvent>();
    for (KeyEvent event : given) {
      events.add(logged(events.size(), event));
    }
    KeyView read = KeyView.fold(events);
    CommandMessage<KeyCommand> message =
        new GenericCommandMessage<>(
            new GenericMessage<>(command, Map.of(AppendUnit.KEY, unit())), name);
    return (read == null ? fixture.givenNoPriorActivity() : fixture.given(read)).when(message);
  }

  static LoggedEvent logged(int sequence, KeyEvent event) {
    return new LoggedEvent(
        sequence + 1,
        StreamId.of(KEY),
        sequence,
        "default",
        NOW,
        Actor.ROOT,
        "req",
        event,
        EventContext.NONE);
  }

  static AppendUnit unit() {
    return new AppendUnit(
        new CommandOrigin(Actor.ROOT, "req", EventContext.NONE),
        LedgerCommand.ALL_WORKSPACES,
        false);
  }

  private static KeyCommand revoke(String workspace) {
    return new KeyCommand.RevokeKey(KEY, in(workspace), RevocationReason.POLICY);
  }

  private static CommandContext in(String workspace) {
    return new CommandContext(workspace, null, NOW, WorkspacePolicy.DEFAULT, Ceiling.NONE);
  }

  private static KeySpecification specification() {
    return new KeySpecification(
        new KeyName("Billing"),
        OWNER,
        Environment.LIVE,
        List.of(),
        new RequestedExpiry.ByPolicy(),
        null,
        IpAllowList.ANY,
        new Metadata(Map.of()));
  }

  private static KeyIssued issued() {
    return issued(Map.of());
  }

  static KeyIssued issued(Map<String, String> metadata) {
    Instant expiry = NOW.plus(Duration.ofDays(90));
    return new KeyIssued(
        "Billing",
        OWNER,
        Environment.LIVE,
        SECRET,
        List.of(),
        null,
        expiry,
        expiry.plus(Duration.ofDays(30)),
        WorkspacePolicy.DEFAULT.reminders(),
        List.of(),
        metadata);
  }
}
