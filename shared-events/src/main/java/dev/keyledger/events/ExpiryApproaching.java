package dev.keyledger.events;

import java.time.Duration;
import java.time.Instant;

/**
 * A reminder of an expiry became due. No check depends on it.
 *
 * @param offset how long before the expiry the reminder is due
 * @param expiresAt the expiry
 */
@WireType(name = "ExpiryApproaching", version = 1)
public record ExpiryApproaching(Duration offset, Instant expiresAt)
    implements KeyEvent.RecordsNote {
  @Override
  public boolean movesVersion() {
    return false;
  }
}
