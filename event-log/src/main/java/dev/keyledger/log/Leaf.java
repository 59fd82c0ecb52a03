package dev.keyledger.log;

import dev.keyledger.events.Digest;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.StreamId;
import java.time.Instant;

/**
 * By what an event is told from any other that could stand at its position.
 *
 * @param hash over all of the event, see {@link LeafBytes}
 */
public record Leaf(StreamId stream, long sequence, Instant time, String requestId, Digest hash) {
  /** Whether it is of that event, as far as this can be told without its stored bytes. */
  public boolean isOf(LoggedEvent event) {
    return stream.equals(event.stream())
        && sequence == event.sequence()
        && time.equals(event.time())
        && requestId.equals(event.requestId());
  }
}
