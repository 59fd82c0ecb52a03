package dev.keyledger.client;

import java.time.Duration;

/**
 * Settings for deciding checks in the client, from earlier answers of the service and the live feed
 * of changes.
 *
 * <p>A decision is made here only while the feed is connected and not older than {@code
 * maxStaleness}. Otherwise the service is asked. Permissions, addresses, environment and every
 * condition that depends on the time are judged for each check, in the service's time.
 *
 * <p>The service is also asked at the first check of a key, again after {@link #ASKED_AGAIN} (it
 * records the uses of keys), about unknown keys and operators' keys, and for a check with {@link
 * Check#explained} or {@link CallOptions#atLeast}.
 *
 * @param entriesMax the maximum number of cached secrets, 1 to 10,000,000
 * @param maxStaleness the maximum age of the feed, 1 ms to 1 min
 * @param allowWhenCutOff the maximum age of the feed for cached keys while the service cannot be
 *     reached either; up to 1 d; zero: such checks fail
 */
public record LocalDecisions(int entriesMax, Duration maxStaleness, Duration allowWhenCutOff) {
  /** The time after which the service is asked about a key again. */
  public static final Duration ASKED_AGAIN = Duration.ofMinutes(1);

  private static final int ENTRIES_MAX = 10_000_000;
  private static final Duration STALENESS_MIN = Duration.ofMillis(1);
  private static final Duration STALENESS_MAX = Duration.ofMinutes(1);
  private static final Duration CUT_OFF_MAX = Duration.ofDays(1);

  /**
   * @throws IllegalArgumentException if a value is out of range
   */
  public LocalDecisions {
    if (entriesMax < 1 || entriesMax > ENTRIES_MAX) {
      throw new IllegalArgumentException("entriesMax must be 1 to " + ENTRIES_MAX);
    }
    requireRange("maxStaleness", maxStaleness, STALENESS_MIN, STALENESS_MAX);
    requireRange("allowWhenCutOff", allowWhenCutOff, Duration.ZERO, CUT_OFF_MAX);
  }

  /**
   * Counts of decisions by where they were made, since the client was built.
   *
   * @param local checks decided in the client
   * @param asked checks decided by the service
   * @param cutOff checks decided in the client while the service could not be reached
   * @param entries the number of cached secrets
   * @param live whether the client decides checks at present
   */
  public record Stats(long local, long asked, long cutOff, int entries, boolean live) {}

  /**
   * Returns decisions for up to a number of secrets, with a feed that is at most 1 s old, and none
   * while the service cannot be reached.
   */
  public static LocalDecisions upTo(int entriesMax) {
    return new LocalDecisions(entriesMax, Duration.ofSeconds(1), Duration.ZERO);
  }

  /** Returns the same with another maximum staleness. */
  public LocalDecisions maxStaleness(Duration age) {
    return new LocalDecisions(entriesMax, age, allowWhenCutOff);
  }

  /** Returns the same settings with another allowance for when the service cannot be reached. */
  public LocalDecisions allowWhenCutOff(Duration age) {
    return new LocalDecisions(entriesMax, maxStaleness, age);
  }

  private static void requireRange(String name, Duration value, Duration min, Duration max) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new IllegalArgumentException(name + " must be " + min + " to " + max);
    }
  }
}
