package dev.keyledger.delivery;

import java.time.Duration;

/**
 * How long an attempt may take.
 *
 * @param waitMax an attempt whose sender was busy for longer after the claim is not made: no claim
 *     may end while its delivery is sent
 * @param max an attempt is cancelled after that
 * @param slowAfter an attempt that takes longer does not prove a webhook, even if it succeeds
 */
record AttemptTimes(Duration waitMax, Duration max, Duration slowAfter) {
  static final AttemptTimes DEFAULT =
      new AttemptTimes(Duration.ofSeconds(30), Attempt.TIME_MAX, Duration.ofSeconds(3));
}
