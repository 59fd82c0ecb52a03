package dev.keyledger.events;

import java.time.Instant;

/**
 * The suspension of a key was planned. Unless the plan is cancelled before, the key is suspended
 * from that time on, and {@link KeySuspended} follows.
 *
 * @param effectiveAt the first instant at which the key is suspended
 */
@WireType(name = "SuspensionPlanned", version = 1)
public record SuspensionPlanned(Instant effectiveAt) implements KeyEvent.PlansState {
  @Override
  public Plan plan() {
    return new Plan(effectiveAt, null);
  }
}
