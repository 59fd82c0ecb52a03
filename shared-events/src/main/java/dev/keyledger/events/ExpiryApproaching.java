package dev.keyledger.events;

import java.time.Duration;
import java.time.Instant;

/**
 * A reminder of a coming expiry became due; no check depends on it.
 *
 * @param offset how long before the expiry the reminder stands
 * @param expiresAt the expiry that it reminds of
 */
@WireType(name = "ExpiryApproaching", version = 1)
public record ExpiryApproaching(Duration offset, Instant expiresAt)
    implements KeyEvent.RecordsNote {
  @Override
  public boolean movesVersion() {
    return false;
  }
}
