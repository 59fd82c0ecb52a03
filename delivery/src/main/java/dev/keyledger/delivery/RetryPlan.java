package dev.keyledger.delivery;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The times of further attempts at a delivery: after each of {@link #PAUSES} in turn, lengthened by
 * up to a tenth at random, so that deliveries which failed together are not repeated together.
 */
final class RetryPlan {
  /** The pauses between attempts. */
  static final List<Duration> PAUSES =
      List.of(
          Duration.ofSeconds(5),
          Duration.ofMinutes(5),
          Duration.ofMinutes(30),
          Duration.ofHours(2),
          Duration.ofHours(5),
          Duration.ofHours(10),
          Duration.ofHours(14),
          Duration.ofHours(20),
          Duration.ofHours(24));

  /** The longest pause that a receiver can ask for. */
  static final Duration ASKED_MAX = Duration.ofHours(24);

  private static final double JITTER = 0.1;

  private RetryPlan() {}

  /**
   * Returns the pause before the next attempt; empty if the failed one was the last.
   *
   * @param retries the number of attempts of this plan after the first
   * @param asked the minimum pause that the receiver asks for; null: none
   */
  static Optional<Duration> pause(int retries, @Nullable Duration asked, RandomGenerator random) {
    if (retries >= PAUSES.size()) {
      return Optional.empty();
    }
    Duration planned = PAUSES.get(retries);
    Duration wanted = asked == null ? planned : longer(planned, shorter(asked, ASKED_MAX));
    return Optional.of(
        wanted.plusMillis((long) (wanted.toMillis() * JITTER * random.nextDouble())));
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) > 0 ? a : b;
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
