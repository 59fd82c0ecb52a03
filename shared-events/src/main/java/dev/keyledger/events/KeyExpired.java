package dev.keyledger.events;

import java.time.Duration;
import java.time.Instant;

/**
 * A key's expiry has passed. Recorded for the audit; no check depends on it.
 *
 * @param expiresAt the expiry
 */
@WireType(name = "KeyExpired", version = 1)
public record KeyExpired(Instant expiresAt) implements KeyEvent.RemindsOfExpiry {
  @Override
  public Duration offset() {
    return Duration.ZERO;
  }
}
