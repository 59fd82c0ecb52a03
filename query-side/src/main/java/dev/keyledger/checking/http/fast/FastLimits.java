package dev.keyledger.checking.http.fast;

import dev.keyledger.http.arrival.ArrivalLimits;
import java.time.Duration;

/**
 * The limits of the fast listener's clients.
 *
 * @param connections open connections
 * @param connectionsPerSource open connections of one source
 * @param head the longest time for a head to arrive
 * @param arrival the limits of whole requests
 */
record FastLimits(int connections, int connectionsPerSource, Duration head, ArrivalLimits arrival) {
  static final FastLimits DEFAULT =
      new FastLimits(8192, 4096, Duration.ofSeconds(10), ArrivalLimits.DEFAULT);
}
