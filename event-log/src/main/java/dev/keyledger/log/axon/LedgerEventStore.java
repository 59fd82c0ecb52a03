package dev.keyledger.log.axon;

import java.util.List;
import org.axonframework.eventhandling.EventMessage;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;

/**
 * Axon's event store over the log. Its tracking readers are woken once for whatever the log's tail
 * has seen, whichever node appended it, and not by each commit of this one.
 */
public final class LedgerEventStore extends EmbeddedEventStore {
  public LedgerEventStore(LedgerStorageEngine engine) {
    super(builder().storageEngine(engine));
  }

  /** Tells the tracking readers to look now instead of at their next poll; cheap, never blocks. */
  public void wakeReaders() {
    super.afterCommit(List.of());
  }

  /** Nothing: whoever follows the log calls {@link #wakeReaders}. */
  @Override
  protected void afterCommit(List<? extends EventMessage<?>> events) {}
}
