package dev.keyledger.projection.axon;

import dev.keyledger.events.LoggedEvent;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.UnreadableEventException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.axonframework.common.stream.BlockingStream;
import org.axonframework.eventhandling.GenericEventMessage;
import org.axonframework.eventhandling.GenericTrackedEventMessage;
import org.axonframework.eventhandling.GlobalSequenceTrackingToken;
import org.axonframework.eventhandling.TrackedEventMessage;
import org.axonframework.eventhandling.TrackingToken;
import org.axonframework.messaging.GenericMessage;
import org.axonframework.messaging.StreamableMessageSource;
import org.jspecify.annotations.Nullable;

/**
 * The log as what tracking processors read: pages by position, told by this node's tail that there
 * is more, and taken from its memory while they are there. The payload of a message is the {@link
 * LoggedEvent} itself.
 *
 * <p>No event store is needed, which would keep a thread, a connection and a cache of its own.
 */
final class LogEvents implements StreamableMessageSource<TrackedEventMessage<?>> {
  private static final int PAGE = 500;

  private final LogReader reader;
  private final LogTail tail;

  LogEvents(LogReader reader, LogTail tail) {
    this.reader = reader;
    this.tail = tail;
  }

  @Override
  public BlockingStream<TrackedEventMessage<?>> openStream(@Nullable TrackingToken token) {
    return new Events(token instanceof GlobalSequenceTrackingToken at ? at.getGlobalIndex() : 0);
  }

  @Override
  public TrackingToken createTailToken() {
    return new GlobalSequenceTrackingToken(0);
  }

  /** Used by one thread. */
  private final class Events implements BlockingStream<TrackedEventMessage<?>> {
    private final Queue<TrackedEventMessage<?>> page = new ArrayDeque<>(PAGE);
    private long position;

    private Events(long position) {
      this.position = position;
    }

    @Override
    public Optional<TrackedEventMessage<?>> peek() {
      return Optional.ofNullable(page.peek());
    }

    /**
     * Looks even if the tail knows of nothing new, when it has waited in vain: it may be broken.
     */
    @Override
    public boolean hasNextAvailable(int timeout, TimeUnit unit) {
      if (!page.isEmpty()) {
        return true;
      }
      Duration wait = Duration.of(timeout, unit.toChronoUnit());
      if (!tail.await(position + 1, wait) && wait.isPositive() && tail.failure().isPresent()) {
        LockSupport.parkNanos(wait.toNanos());
      }
      if (wait.isPositive() || tail.position() > position) {
        readPage();
      }
      return !page.isEmpty();
    }

    @Override
    public TrackedEventMessage<?> nextAvailable() {
      while (!hasNextAvailable(1, TimeUnit.SECONDS)) {
        if (Thread.currentThread().isInterrupted()) {
          throw new IllegalStateException("interrupted while waiting for an event");
        }
      }
      return page.remove();
    }

    @Override
    public void close() {}

    private void readPage() {
      for (LoggedEvent event : readable()) {
        if (event.position() != position + 1) {
          throw new IllegalStateException(
              "the log has a hole: %d follows on %d".formatted(event.position(), position));
        }
        position = event.position();
        page.add(message(event));
      }
    }

    /**
     * From the tail's memory, or else from the log. What stands before an unreadable event is still
     * applied.
     */
    private List<LoggedEvent> readable() {
      List<LoggedEvent> recent = tail.recentAfter(position, PAGE);
      if (!recent.isEmpty()) {
        return recent;
      }
      try {
        return reader.readAfter(position, PAGE);
      } catch (UnreadableEventException unreadable) {
        return reader.readAfter(position, 1);
      }
    }
  }

  private static TrackedEventMessage<?> message(LoggedEvent event) {
    String id = event.stream().id() + ":" + event.sequence();
    return new GenericTrackedEventMessage<>(
        new GlobalSequenceTrackingToken(event.position()),
        new GenericEventMessage<>(new GenericMessage<>(id, event, Map.of()), event::time));
  }
}
