package dev.keyledger.http;

import java.time.Duration;

/** How far what answers a request has followed the log. Safe for use by many threads. */
@FunctionalInterface
public interface Horizon {
  /**
   * Waits until that position is applied.
   *
   * @param max how long; zero only looks
   * @return whether it is
   */
  boolean await(long position, Duration max);
}
