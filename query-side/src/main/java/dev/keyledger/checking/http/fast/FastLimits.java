package dev.keyledger.checking.http.fast;

import dev.keyledger.http.arrival.ArrivalLimits;
import java.time.Duration;

/**
 * What the clients of the fast listener may use.
 *
 * @param connections open connections
 * @param connectionsPerSource open connections of one source
 * @param head how long a head may take to arrive
 * @param arrival the limits of whole requests
 */
record FastLimits(int connections, int connectionsPerSource, Duration head, ArrivalLimits arrival) {
  static final FastLimits DEFAULT =
      new FastLimits(8192, 4096, Duration.ofSeconds(10), ArrivalLimits.DEFAULT);
}
