package dev.keyledger.log.axon;

import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspaceEvent;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.NewEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.axonframework.eventhandling.DomainEventMessage;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventhandling.GenericDomainEventMessage;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.eventsourcing.eventstore.DomainEventStream;
import org.axonframework.eventsourcing.eventstore.EventStorageEngine;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.unitofwork.CurrentUnitOfWork;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.jspecify.annotations.Nullable;

/**
 * The log as the storage of Axon's event store. All events of a unit of work become one unit of the
 * log, appended when the unit of work commits and nothing else can fail it any more; a conflict
 * reaches the command's caller as the {@link dev.keyledger.log.AppendConflictException} that it is.
 *
 * <p>It appends and loads, and does nothing else. There are no snapshots, and no tracking: {@link
 * dev.keyledger.log.LogTail} follows the log.
 */
public final class LedgerStorageEngine implements EventStorageEngine {
  /** The metadata entry of an event that was read: its {@link LoggedEvent}. */
  public static final String LOGGED = "keyledger.logged";

  private static final String UNIT = LedgerStorageEngine.class.getName() + ".unit";

  private final LogAppender appender;
  private final LogReader reader;

  public LedgerStorageEngine(LogAppender appender, LogReader reader) {
    this.appender = appender;
    this.reader = reader;
  }

  /**
   * Collects the events; the store calls this while the unit of work prepares to commit, when a
   * later handler may still fail it. They come from the command that the unit of work is about, so
   * that Axon need not copy its metadata into theirs.
   *
   * @throws IllegalStateException if no unit of work runs, or its command says no origin
   */
  @Override
  public void appendEvents(List<? extends EventMessage<?>> events) {
    UnitOfWork<?> root = CurrentUnitOfWork.get().root();
    CommandOrigin origin = CommandOrigin.of(root.getMessage());
    List<NewEvent> unit = unitOf(root, origin);
    for (EventMessage<?> event : events) {
      unit.add(newEvent(event, origin));
    }
  }

  /** What a unit of work will append. */
  private List<NewEvent> unitOf(UnitOfWork<?> root, CommandOrigin origin) {
    return root.getOrComputeResource(
        UNIT,
        _ -> {
          var unit = new ArrayList<NewEvent>();
          root.onCommit(_ ->
              AppendReceipt.of(root)
                  .fill(appender.append(unit, origin.answers(), origin.workspacesKnown())));
          return unit;
        });
  }

  private static NewEvent newEvent(EventMessage<?> message, CommandOrigin origin) {
    if (message instanceof DomainEventMessage<?> event
        && event.getPayload() instanceof LedgerEvent payload) {
      StreamId.Kind kind =
          switch (payload) {
            case KeyEvent _ -> StreamId.Kind.KEY;
            case WorkspaceEvent _ -> StreamId.Kind.WORKSPACE;
          };
      return new NewEvent(
          new StreamId(kind, event.getAggregateIdentifier()),
          event.getSequenceNumber(),
          origin.workspace(),
          payload,
          origin.actor(),
          origin.requestId(),
          origin.context());
    }
    throw new IllegalArgumentException(
        message.getPayloadType() + " is no event of an aggregate of the ledger");
  }

  @Override
  public DomainEventStream readEvents(String aggregateIdentifier, long firstSequenceNumber) {
    List<LoggedEvent> events =
        reader.readStream(streamOf(aggregateIdentifier), firstSequenceNumber);
    CurrentUnitOfWork.ifStarted(unit -> AppendReceipt.of(unit.root()).noteReading());
    return DomainEventStream.of(events.stream().map(LedgerStorageEngine::message).toList());
  }

  /** Tells the kinds apart by their ids: the name of a workspace holds no underscore. */
  private static StreamId streamOf(String aggregateIdentifier) {
    return aggregateIdentifier.startsWith("key_")
        ? new StreamId(StreamId.Kind.KEY, aggregateIdentifier)
        : StreamId.ofWorkspace(aggregateIdentifier);
  }

  private static DomainEventMessage<LedgerEvent> message(LoggedEvent logged) {
    StreamId stream = logged.stream();
    return new GenericDomainEventMessage<>(
        stream.kind().toString(),
        stream.id(),
        logged.sequence(),
        logged.event(),
        MetaData.with(LOGGED, logged),
        stream.id() + ":" + logged.sequence(),
        logged.time());
  }

  /**
   * Rejects all who would follow the log by Axon.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public Stream<? extends TrackedEventMessage<?>> readEvents(
      @Nullable TrackingToken token, boolean mayBlock) {
    throw new UnsupportedOperationException("the log is followed by LogTail");
  }

  /** Never one: an aggregate of ours has few events. */
  @Override
  public Optional<DomainEventMessage<?>> readSnapshot(String aggregateIdentifier) {
    return Optional.empty();
  }

  /**
   * @throws UnsupportedOperationException always
   */
  @Override
  public void storeSnapshot(DomainEventMessage<?> snapshot) {
    throw new UnsupportedOperationException("the ledger keeps no snapshots");
  }
}
