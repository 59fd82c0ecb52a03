package dev.keyledger.lifecycle;

import java.time.Duration;
import java.time.Instant;

/** What a command says about the end of a key's life. */
public sealed interface RequestedExpiry {
  /** At that instant, exclusive. */
  record At(Instant instant) implements RequestedExpiry {}

  /** So long after now. */
  record After(Duration lifetime) implements RequestedExpiry {}

  /** Never, where the policy allows that. */
  record Never() implements RequestedExpiry {}

  /** Whatever the policy says. */
  record ByPolicy() implements RequestedExpiry {}
}
