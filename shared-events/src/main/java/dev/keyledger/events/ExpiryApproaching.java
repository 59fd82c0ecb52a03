package dev.keyledger.events;

import java.time.Duration;
import java.time.Instant;

/**
 * A reminder of an expiry became due. No check depends on it.
 *
 * @param offset the time from the reminder to the expiry, more than zero
 * @param expiresAt the expiry
 */
@WireType(name = "ExpiryApproaching", version = 1)
public record ExpiryApproaching(Duration offset, Instant expiresAt)
    implements KeyEvent.RemindsOfExpiry {}
