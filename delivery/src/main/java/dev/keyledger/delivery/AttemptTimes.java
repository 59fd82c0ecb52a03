package dev.keyledger.delivery;

import java.time.Duration;

/**
 * The time limits of an attempt.
 *
 * @param waitMax the longest time between claim and attempt; after it the attempt is not made, so
 *     that no claim ends while its delivery is being sent
 * @param max the time after which an attempt is cancelled
 * @param slowAfter the time after which even a successful attempt does not prove its webhook
 */
record AttemptTimes(Duration waitMax, Duration max, Duration slowAfter) {
  static final AttemptTimes DEFAULT =
      new AttemptTimes(Duration.ofSeconds(30), Attempt.TIME_MAX, Duration.ofSeconds(3));
}
