package dev.keyledger.verification.decision;

import dev.keyledger.events.EventType;
import dev.keyledger.events.LoggedEvent;
import java.time.Instant;

/**
 * The event behind a decision.
 *
 * @param type what happened
 * @param position the event's place in the log
 * @param time the log's time of the event
 */
public record DecidedBy(EventType type, long position, Instant time) {
  /** The event as it is referred to. */
  public static DecidedBy of(LoggedEvent logged) {
    return new DecidedBy(EventType.of(logged.event()), logged.position(), logged.time());
  }
}
