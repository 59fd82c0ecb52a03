package dev.keyledger.log;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.LedgerEvent;
import dev.keyledger.events.StreamId;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An event to append.
 *
 * @param stream the aggregate that it belongs to
 * @param sequence its place within the stream, 0 or more: one more than the last that was read
 * @param workspace the tenant
 * @param event the fact
 * @param actor the actor who caused it
 * @param requestId the request that caused it
 * @param context information about the command that caused it
 */
public record NewEvent(
    StreamId stream,
    long sequence,
    String workspace,
    LedgerEvent event,
    Actor actor,
    String requestId,
    EventContext context) {

  /**
   * @throws IllegalArgumentException if the sequence is negative, or a text contains a NUL or an
   *     unpaired surrogate and therefore cannot be stored
   */
  public NewEvent {
    if (sequence < 0) {
      throw new IllegalArgumentException("a sequence must be 0 or more, not " + sequence);
    }
    requireStorable(stream.id());
    requireStorable(workspace);
    requireStorable(actor.id());
    requireStorable(requestId);
  }

  /** Returns the same event with a reason alone as its context; null: without one. */
  public NewEvent because(@Nullable String reason) {
    return new NewEvent(
        stream, sequence, workspace, event, actor, requestId, new EventContext(reason, null, null));
  }

  /** Refuses a text that PostgreSQL would reject, and with it the whole batch. */
  private static void requireStorable(@Nullable String text) {
    if (text != null
        && !isPlain(text)
        && (text.indexOf('\0') >= 0 || !StandardCharsets.UTF_8.newEncoder().canEncode(text))) {
      throw new IllegalArgumentException("a text of the event cannot be stored");
    }
  }

  /**
   * Returns whether a text is plain ASCII: a fast path for nearly every text, because an encoder
   * would cost more than the rest of an event.
   */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == 0 || text.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }
}
