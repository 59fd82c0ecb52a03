package dev.keyledger.log.axon;

import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.StreamId;
import dev.keyledger.events.WorkspaceEvent;
import dev.keyledger.log.CommandOrigin;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.NewEvent;
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
import org.jspecify.annotations.Nullable;

/**
 * The log as the storage of Axon's event store. It collects the events of a unit of work in its
 * {@link AppendUnit}, which {@link AppendInterceptor} appends. The sender of a command receives a
 * conflict as the original {@link dev.keyledger.log.AppendConflictException}.
 *
 * <p>It only appends and loads. There are no snapshots and no tracking: {@link
 * dev.keyledger.log.LogTail} follows the log.
 */
public final class LedgerStorageEngine implements EventStorageEngine {
  /** The metadata key of the {@link LoggedEvent} of a loaded event of a workspace. */
  public static final String LOGGED = "keyledger.logged";

  /** The start of the id of every key. The name of a workspace contains no underscore. */
  private static final String KEY_PREFIX = "key_";

  private final LogReader reader;

  public LedgerStorageEngine(LogReader reader) {
    this.reader = reader;
  }

  /**
   * Collects the events in the {@link AppendUnit} of the command. The store calls this while the
   * unit of work prepares to commit, when a later handler may still fail it.
   *
   * @throws IllegalStateException if no unit of work runs, or an event has no origin
   */
  @Override
  public void appendEvents(List<? extends EventMessage<?>> events) {
    AppendUnit unit = AppendUnit.of(CurrentUnitOfWork.get().root().getMessage());
    for (EventMessage<?> event : events) {
      unit.add(newEvent(event), event.getMetaData().containsKey(AppendUnit.OF_PLAN));
    }
  }

  private static NewEvent newEvent(EventMessage<?> message) {
    if (!(message.getMetaData().get(AppendUnit.WORKSPACE) instanceof String workspace
        && message.getMetaData().get(AppendUnit.ORIGIN) instanceof CommandOrigin origin)) {
      throw new IllegalStateException(message.getPayloadType() + " has no origin in its metadata");
    }
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
          workspace,
          payload,
          origin.actor(),
          origin.requestId(),
          origin.context());
    }
    throw new IllegalArgumentException(
        message.getPayloadType() + " is not an event of a known aggregate");
  }

  /**
   * Loads a key as one message, the {@link KeyView} that its events fold into, and a workspace as
   * its events. A key may have ten thousand events, which a command need not hold in memory.
   */
  @Override
  public DomainEventStream readEvents(String aggregateIdentifier, long firstSequenceNumber) {
    Stream<? extends DomainEventMessage<?>> messages =
        aggregateIdentifier.startsWith(KEY_PREFIX)
            ? read(new KeyId(aggregateIdentifier)).stream()
                .filter(key -> key.sequence() >= firstSequenceNumber)
                .map(LedgerStorageEngine::message)
            : reader
                .readStream(StreamId.ofWorkspace(aggregateIdentifier), firstSequenceNumber)
                .stream()
                .map(LedgerStorageEngine::message);
    return DomainEventStream.of(messages.toList());
  }

  private Optional<KeyView> read(KeyId keyId) {
    AppendUnit unit = AppendUnit.current();
    return unit == null ? reader.key(keyId) : unit.read(keyId, reader);
  }

  private static DomainEventMessage<KeyView> message(KeyView key) {
    String id = key.keyId().value();
    return new GenericDomainEventMessage<>(
        StreamId.Kind.KEY.toString(),
        id,
        key.sequence(),
        key,
        MetaData.emptyInstance(),
        id + ":" + key.sequence(),
        key.createdAt());
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
   * Not supported: Axon does not follow the log.
   *
   * @throws UnsupportedOperationException always
   */
  @Override
  public Stream<? extends TrackedEventMessage<?>> readEvents(
      @Nullable TrackingToken token, boolean mayBlock) {
    throw new UnsupportedOperationException("LogTail follows the log, not Axon");
  }

  /** Returns no snapshot: the aggregates have few events. */
  @Override
  public Optional<DomainEventMessage<?>> readSnapshot(String aggregateIdentifier) {
    return Optional.empty();
  }

  /**
   * @throws UnsupportedOperationException always
   */
  @Override
  public void storeSnapshot(DomainEventMessage<?> snapshot) {
    throw new UnsupportedOperationException("the log has no snapshots");
  }
}
