package dev.keyledger.verification.decision;

import dev.keyledger.events.EventType;
import dev.keyledger.events.LoggedEvent;
import java.time.Instant;

/**
 * The event behind a decision.
 *
 * @param type the event's type
 * @param position the event's position in the log
 * @param time the log's time of the event
 */
public record DecidedBy(EventType type, long position, Instant time) {
  /** Returns a reference to an event. */
  public static DecidedBy of(LoggedEvent logged) {
    return new DecidedBy(EventType.of(logged.event()), logged.position(), logged.time());
  }
}
