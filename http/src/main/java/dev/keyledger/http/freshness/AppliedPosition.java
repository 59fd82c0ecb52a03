package dev.keyledger.http.freshness;

import java.time.Duration;

/** The position of the log up to which the source of an answer has applied it. Thread-safe. */
@FunctionalInterface
public interface AppliedPosition {
  /**
   * Waits until a position is applied.
   *
   * @param max the longest wait; zero returns at once
   * @return whether the position is applied
   */
  boolean await(long position, Duration max);

  /** Returns the position that both have applied. Each wait is as long as the maximum. */
  default AppliedPosition and(AppliedPosition other) {
    return (position, max) -> await(position, max) && other.await(position, max);
  }
}
