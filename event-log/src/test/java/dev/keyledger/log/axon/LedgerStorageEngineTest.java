package dev.keyledger.log.axon;

import static dev.keyledger.log.TestEvents.issued;
import static dev.keyledger.log.TestEvents.key;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.axonframework.modelling.command.AggregateLifecycle.apply;

import dev.keyledger.events.Actor;
import dev.keyledger.events.Digest;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyIssued;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.PlanCancelled;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.SuspensionPlanned;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.log.AnswerRecord;
import dev.keyledger.log.AnswerRecords;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.NewEvent;
import dev.keyledger.log.TestDatabases;
import dev.keyledger.log.TestEvents;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.axonframework.commandhandling.CommandHandler;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.commandhandling.SimpleCommandBus;
import org.axonframework.common.IdentifierFactory;
import org.axonframework.eventsourcing.EventSourcingHandler;
import org.axonframework.eventsourcing.EventSourcingRepository;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.modelling.command.AggregateAnnotationCommandHandler;
import org.axonframework.modelling.command.AggregateIdentifier;
import org.axonframework.modelling.command.TargetAggregateIdentifier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class LedgerStorageEngineTest {
  record Begin(@TargetAggregateIdentifier String id, long number) {}

  /** Applies a number of suspensions in one command, then runs the test's action. */
  record Suspend(@TargetAggregateIdentifier String id, int times, Runnable afterwards) {}

  static class TestKey {
    @AggregateIdentifier private @Nullable String id;

    TestKey() {}

    @CommandHandler
    TestKey(Begin command) {
      apply(issued(command.number()), metaData());
    }

    @CommandHandler
    void handle(Suspend command) {
      assertThat(id).isEqualTo(command.id());
      for (int i = 0; i < command.times(); i++) {
        apply(new KeySuspended(), metaData());
      }
      command.afterwards().run();
    }

    @EventSourcingHandler
    void on(KeyView read) {
      id = read.keyId().value();
    }

    @EventSourcingHandler
    void on(KeyIssued event) {
      id = key(Long.parseLong(event.name().substring("key ".length()))).value();
    }
  }

  private static final CommandOrigin ORIGIN =
      new CommandOrigin(Actor.ROOT, "req-1", new EventContext("because", "203.0.113.7", "curl"));

  private static MetaData metaData() {
    return requireNonNull(AppendUnit.current()).eventMetaData("acme");
  }

  private final LedgerDatabase database = LedgerDatabase.open(TestDatabases.empty());
  private final EventCodec codec = new EventCodec();
  private final LogAppender appender = new LogAppender(database, codec, InstantSource.system());
  private final LogReader reader = new LogReader(database, codec);
  private final LedgerStorageEngine engine = new LedgerStorageEngine(reader);
  private final EmbeddedEventStore store =
      EmbeddedEventStore.builder().storageEngine(engine).build();
  private final SimpleCommandBus commands = SimpleCommandBus.builder().build();

  @BeforeEach
  void subscribe() {
    var _ =
        AggregateAnnotationCommandHandler.<TestKey>builder()
            .aggregateType(TestKey.class)
            .repository(EventSourcingRepository.builder(TestKey.class).eventStore(store).build())
            .build()
            .subscribe(commands);
    commands.registerHandlerInterceptor(new AppendInterceptor(appender, reader));
  }

  @AfterEach
  void close() {
    store.shutDown();
    appender.close();
    database.close();
  }

  @Test
  void theEventsOfACommandAreOneUnitWithTheCommandsOrigin() throws Exception {
    String id = key(1).value();
    send(new Begin(id, 1));
    send(new Suspend(id, 2, () -> {}));

    List<LoggedEvent> events = reader.readStream(StreamId.of(key(1)));
    assertThat(events).extracting(LoggedEvent::sequence).containsExactly(0L, 1L, 2L);
    assertThat(events)
        .allSatisfy(event -> {
          assertThat(event.workspace()).isEqualTo("acme");
          assertThat(event.actor()).isEqualTo(Actor.ROOT);
          assertThat(event.requestId()).isEqualTo("req-1");
          assertThat(event.context()).isEqualTo(ORIGIN.context());
        });
    assertThat(events.get(2).time()).isEqualTo(events.get(1).time());
  }

  @Test
  void theRecordOfAPlansEffectIsTheSystemsAndHasTheReasonOfThePlan() throws Exception {
    send(new Begin(key(1).value(), 1));
    send(new Begin(key(2).value(), 2));
    for (int number = 1; number <= 2; number++) {
      String reason = number == 1 ? "the trial ends" : null;
      appender.append(
          List.of(
              TestEvents.event(number, 1, new SuspensionPlanned(Instant.EPOCH))
                  .because("an earlier plan"),
              TestEvents.event(number, 2, new PlanCancelled()),
              TestEvents.event(number, 3, new SuspensionPlanned(Instant.EPOCH)).because(reason)));
    }
    for (int number = 1; number <= 2; number++) {
      send(
          new Suspend(
              key(number).value(),
              0,
              () -> {
                AppendUnit unit = requireNonNull(AppendUnit.current());
                apply(new KeySuspended(), unit.metaDataOfPlan("acme"));
                apply(new KeyResumed(), unit.eventMetaData("acme"));
              }));
    }

    List<LoggedEvent> events = reader.readStream(StreamId.of(key(1)));
    LoggedEvent effect = events.get(4);
    assertThat(effect.event()).isEqualTo(new KeySuspended());
    assertThat(effect.actor()).isEqualTo(Actor.SYSTEM);
    assertThat(effect.requestId()).isEqualTo("req-1");
    assertThat(effect.context()).isEqualTo(new EventContext("the trial ends", null, null));
    LoggedEvent own = events.get(5);
    assertThat(own.actor()).isEqualTo(Actor.ROOT);
    assertThat(own.context()).isEqualTo(ORIGIN.context());
    assertThat(reader.readStream(StreamId.of(key(2))).get(4).context())
        .isEqualTo(EventContext.NONE);
  }

  @Test
  void theUnitHoldsWhatWasAppended() throws Exception {
    send(new Begin(key(1).value(), 1));
    AppendUnit unit = unit();
    send(new Suspend(key(1).value(), 2, () -> assertThat(unit.appended()).isEmpty()), unit);

    assertThat(unit.appended()).isEqualTo(reader.readAfter(1, 10));
    assertThat(unit.appended()).extracting(LoggedEvent::position).containsExactly(2L, 3L);
  }

  @Test
  void aCommandWithoutEventsAppendsNothing() throws Exception {
    send(new Begin(key(1).value(), 1));
    AppendUnit unit = unit();
    send(new Suspend(key(1).value(), 0, () -> {}), unit);

    assertThat(unit.appended()).isEmpty();
    assertThat(reader.head().position()).isEqualTo(1);
  }

  @Test
  void aDecisionOnACachedAggregateStandsOnlyIfItIsAppended() throws Exception {
    send(new Begin(key(1).value(), 1));
    AppendUnit nothing = unit();
    assertThatThrownBy(() -> send(new Suspend(key(1).value(), 0, nothing::markCached), nothing))
        .isInstanceOf(StaleDecisionException.class);

    AppendUnit event = unit();
    send(new Suspend(key(1).value(), 1, event::markCached), event);
    assertThat(event.appended()).hasSize(1);
  }

  @Test
  void aDecisionWithoutEventsFailsIfAWorkspaceHasChanged() throws Exception {
    send(new Begin(key(1).value(), 1));
    appender.append(List.of(closed("acme")));
    var before = new AppendUnit(ORIGIN, 1, true);
    var after = new AppendUnit(ORIGIN, 2, true);

    assertThatThrownBy(() -> send(new Suspend(key(1).value(), 0, () -> {}), before))
        .isInstanceOf(AppendConflictException.class)
        .extracting(e -> ((AppendConflictException) e).kind())
        .isEqualTo(AppendConflictException.Kind.WORKSPACE);
    send(new Suspend(key(1).value(), 0, () -> {}), after);
  }

  @Test
  void answersAreKeptWithTheEventsAndNotWithoutAny() throws Exception {
    var records = new AnswerRecords(database);
    var withEvent = new Digest(1, 1, 1, 1);
    var without = new Digest(2, 2, 2, 2);
    send(new Begin(key(1).value(), 1));
    AppendUnit event = unit();
    event.keep(() -> List.of(new AnswerRecord(withEvent, withEvent, "one", new byte[1])));
    send(new Suspend(key(1).value(), 1, () -> {}), event);
    AppendUnit nothing = unit();
    nothing.keep(() -> List.of(new AnswerRecord(without, without, "one", new byte[1])));
    send(new Suspend(key(1).value(), 0, () -> {}), nothing);

    assertThat(records.find(List.of(withEvent)).orElseThrow().position()).isEqualTo(2);
    assertThat(records.find(List.of(without))).isEmpty();
  }

  @Test
  void aPrefetchedKeyIsNotReadAgain() throws Exception {
    send(new Begin(key(1).value(), 1));
    AppendUnit unit = unit();
    unit.prefetch(Map.of(key(1), reader.key(key(1)).orElseThrow()));
    send(new Suspend(key(1).value(), 1, () -> {}));

    assertThatThrownBy(() -> send(new Suspend(key(1).value(), 1, () -> {}), unit))
        .as("decided on the prefetched state")
        .isInstanceOf(AppendConflictException.class);
  }

  @Test
  void aConflictReachesTheCallerUnwrapped() throws Exception {
    send(new Begin(key(1).value(), 1));
    var rival =
        new Suspend(key(1).value(), 1, () -> appender.append(List.of(TestEvents.change(1, 1))));

    assertThatThrownBy(() -> send(rival))
        .isExactlyInstanceOf(AppendConflictException.class)
        .extracting(e -> ((AppendConflictException) e).kind())
        .isEqualTo(AppendConflictException.Kind.SEQUENCE);
    assertThat(reader.head().position()).isEqualTo(2);
  }

  @Test
  void aUnitOfWorkThatFailsLaterWhilePreparingAppendsNothing() throws Exception {
    send(new Begin(key(1).value(), 1));
    Runnable failLate =
        () ->
            CurrentUnitOfWork.get()
                .onPrepareCommit(_ ->
                    CurrentUnitOfWork.get()
                        .onPrepareCommit(_ -> {
                          throw new IllegalStateException("failed during preparation");
                        }));

    assertThatThrownBy(() -> send(new Suspend(key(1).value(), 1, failLate)))
        .hasMessage("failed during preparation");
    assertThat(reader.head().position()).isEqualTo(1);
  }

  @Test
  void aCommandWithoutOriginIsRejected() {
    assertThatThrownBy(
            () -> dispatch(GenericCommandMessage.asCommandMessage(new Begin(key(1).value(), 1))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no origin");
    assertThat(reader.head().position()).isZero();
  }

  @Test
  void anEventWithoutOriginIsRejected() throws Exception {
    send(new Begin(key(1).value(), 1));
    Runnable applyWithoutOrigin = () -> apply(new KeySuspended());
    assertThatThrownBy(() -> send(new Suspend(key(1).value(), 0, applyWithoutOrigin)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no origin");
    assertThat(reader.head().position()).isEqualTo(1);
  }

  @Test
  void aKeyIsLoadedAsOneMessageHoweverManyEventsItHas() throws Exception {
    send(new Begin(key(1).value(), 1));
    send(new Suspend(key(1).value(), 2, () -> {}));

    var events = store.readEvents(key(1).value()).asStream().toList();
    assertThat(events).hasSize(1);
    assertThat(events.getFirst().getIdentifier()).isEqualTo(key(1) + ":2");
    assertThat(events.getFirst().getSequenceNumber()).isEqualTo(2);
    assertThat(events.getFirst().getPayload()).isEqualTo(KeyView.fold(reader.readAfter(0, 3)));
    assertThat(store.lastSequenceNumberFor(key(1).value())).contains(2L);
    assertThat(store.lastSequenceNumberFor(key(2).value())).isEmpty();
  }

  @Test
  void aWorkspaceIsAStreamOfItsOwnWhoseEventsCarryTheirLoggedEvent() {
    appender.append(List.of(closed("acme")));

    var event = engine.readEvents("acme").next();
    assertThat(event.getPayload()).isEqualTo(new WorkspaceClosed());
    assertThat(event.getMetaData().get(LedgerStorageEngine.LOGGED))
        .isEqualTo(reader.readAfter(0, 1).getFirst());
  }

  @Test
  void aUnitSeesNoKeyOfAnotherWorkspaceThanItsOwn() throws Exception {
    send(new Begin(key(1).value(), 1));
    AppendUnit own = unit();
    own.readKeysOf("acme");
    AppendUnit other = unit();
    other.readKeysOf("other");

    assertThat(own.read(key(1), reader)).isPresent();
    assertThat(other.read(key(1), reader)).isEmpty();
  }

  @Test
  void axonCannotFollowTheLog() {
    assertThatThrownBy(() -> engine.readEvents(null, false))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void messageIdsAreMadeWithoutSecureRandom() {
    assertThat(IdentifierFactory.getInstance()).isInstanceOf(CountingIdentifierFactory.class);
    assertThat(IdentifierFactory.getInstance().generateIdentifier())
        .isNotEqualTo(IdentifierFactory.getInstance().generateIdentifier());
  }

  private static NewEvent closed(String workspace) {
    return new NewEvent(
        StreamId.ofWorkspace(workspace),
        0,
        workspace,
        new WorkspaceClosed(),
        Actor.ROOT,
        "r",
        EventContext.NONE);
  }

  private static AppendUnit unit() {
    return new AppendUnit(ORIGIN, LogAppender.WORKSPACES_ALL_KNOWN, true);
  }

  private void send(Object command) throws Exception {
    send(command, unit());
  }

  private void send(Object command, AppendUnit unit) throws Exception {
    dispatch(new GenericCommandMessage<>(command, Map.of(AppendUnit.KEY, unit)));
  }

  private void dispatch(CommandMessage<?> command) throws Exception {
    var failure = new CompletableFuture<Throwable>();
    commands.dispatch(
        command,
        (_, result) -> {
          if (result.isExceptional()) {
            failure.complete(result.exceptionResult());
          } else {
            failure.cancel(false);
          }
        });
    if (!failure.isCancelled()) {
      switch (failure.get()) {
        case Exception e -> throw e;
        case Throwable e -> throw new AssertionError(e);
      }
    }
  }
}
