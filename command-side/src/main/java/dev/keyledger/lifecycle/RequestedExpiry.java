package dev.keyledger.lifecycle;

import java.time.Duration;
import java.time.Instant;

/** The expiry that a command requests for a key. */
public sealed interface RequestedExpiry {
  /** At that instant, exclusive. */
  record At(Instant instant) implements RequestedExpiry {}

  /** After that duration from now. */
  record After(Duration lifetime) implements RequestedExpiry {}

  /** Never, where the policy allows that. */
  record Never() implements RequestedExpiry {}

  /** The default of the policy. */
  record ByPolicy() implements RequestedExpiry {}
}
