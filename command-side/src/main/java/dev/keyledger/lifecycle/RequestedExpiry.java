package dev.keyledger.lifecycle;

import java.time.Duration;
import java.time.Instant;

/** The expiry that a command requests for a key. */
public sealed interface RequestedExpiry {
  /** An expiry at an instant, exclusive. */
  record At(Instant instant) implements RequestedExpiry {}

  /** An expiry after a duration from now. */
  record After(Duration lifetime) implements RequestedExpiry {}

  /** The absence of an expiry, where the policy allows that. */
  record Never() implements RequestedExpiry {}

  /** The default of the policy. */
  record ByPolicy() implements RequestedExpiry {}
}
