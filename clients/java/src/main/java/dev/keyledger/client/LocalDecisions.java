package dev.keyledger.client;

import java.time.Duration;

/**
 * How checks are decided in the client, from what the service said before, while the live feed
 * tells of every change.
 *
 * <p>A decision is made here only while the feed is connected and not older than {@code
 * maxStaleness}. Otherwise the service is asked. Permissions, addresses, environment and every
 * condition that depends on the time are judged for each check, in the service's time.
 *
 * <p>The service is also asked about a key for the first time, again after {@link #ASKED_AGAIN} (it
 * notes the uses of keys), about unknown keys and operators' keys, and for a check with {@link
 * Check#explained} or {@link CallOptions#atLeast}.
 *
 * @param entriesMax the maximum number of secrets that are known, 1 to 10,000,000
 * @param maxStaleness how old the feed may be, 1 ms to 1 min
 * @param allowWhenCutOff how old the feed may be when the service cannot be reached either, for
 *     keys that were known; zero: such checks fail; up to 1 d
 */
public record LocalDecisions(int entriesMax, Duration maxStaleness, Duration allowWhenCutOff) {
  /** After that long, the service is asked about a key again. */
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
   * What was decided where, since the client was built.
   *
   * @param local checks that were decided here
   * @param asked checks that the service was asked for
   * @param cutOff checks that were decided here although nothing could be reached
   * @param entries the secrets that are known now
   * @param live whether checks are decided here now
   */
  public record Stats(long local, long asked, long cutOff, int entries, boolean live) {}

  /**
   * Returns decisions for up to a number of secrets, with a feed that is at most 1 s old, and none
   * when nothing can be reached.
   */
  public static LocalDecisions upTo(int entriesMax) {
    return new LocalDecisions(entriesMax, Duration.ofSeconds(1), Duration.ZERO);
  }

  /** Returns the same with another maximum staleness. */
  public LocalDecisions maxStaleness(Duration age) {
    return new LocalDecisions(entriesMax, age, allowWhenCutOff);
  }

  /** Returns the same with another allowance for when nothing can be reached. */
  public LocalDecisions allowWhenCutOff(Duration age) {
    return new LocalDecisions(entriesMax, maxStaleness, age);
  }

  private static void requireRange(String name, Duration value, Duration min, Duration max) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw new IllegalArgumentException(name + " must be " + min + " to " + max);
    }
  }
}
