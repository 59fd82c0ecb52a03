package dev.keyledger.log;

import dev.keyledger.events.Digest;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.StreamId;
import java.time.Instant;

/**
 * The identity of an event: distinguishes it from any other event at the same position.
 *
 * @param hash the hash over the whole event, see {@link LeafBytes}
 */
public record Leaf(StreamId stream, long sequence, Instant time, String requestId, Digest hash) {
  /** Returns whether this leaf is of the event, compared by everything but the stored bytes. */
  public boolean isOf(LoggedEvent event) {
    return stream.equals(event.stream())
        && sequence == event.sequence()
        && time.equals(event.time())
        && requestId.equals(event.requestId());
  }
}
