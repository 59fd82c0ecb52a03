package dev.keyledger.checking.http.fast;

import java.time.Duration;

/**
 * What the clients of the fast listener may use.
 *
 * @param connections open connections
 * @param connectionsPerSource open connections of one source
 * @param unfinishedBytes bytes of bodies that have not arrived in whole
 * @param unfinishedBytesPerSource the same bytes of one source
 * @param head how long a head may take to arrive
 * @param request how long a whole request may take to arrive
 * @param unhurried how long a request may take before {@link #BYTES_PER_SECOND_MIN} applies
 */
record FastLimits(
    int connections,
    int connectionsPerSource,
    long unfinishedBytes,
    long unfinishedBytesPerSource,
    Duration head,
    Duration request,
    Duration unhurried) {
  /** The minimum rate at which a request must arrive. */
  static final int BYTES_PER_SECOND_MIN = 1024;

  static final FastLimits DEFAULT =
      new FastLimits(
          8192,
          4096,
          32L * 1024 * 1024,
          8L * 1024 * 1024,
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          Duration.ofSeconds(5));
}
