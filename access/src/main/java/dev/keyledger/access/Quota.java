package dev.keyledger.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * A rate limit for each subject, such as a caller: a burst, and a sustained rate per second.
 * Thread-safe; no subject waits for another.
 *
 * <p>Memory is bounded: {@value #SUBJECTS_MAX} subjects are remembered, and the least used ones are
 * evicted for others. An evicted subject starts again with a full burst. So does a subject that was
 * idle for as long as a burst takes to refill.
 *
 * @param <S> the type of the subjects
 */
public class Quota<S> {
  /** The maximum number of remembered subjects; about 30 MB. */
  public static final int SUBJECTS_MAX = 65_536;

  /** The maximum of both the rate and the burst. */
  public static final long AMOUNT_MAX = 1_000_000;

  /** The burst of a limit whose rate alone is configured, in seconds of that rate. */
  public static final int BURST_SECONDS = 10;

  /** The maximum of such a rate. */
  public static final long PER_SECOND_MAX = AMOUNT_MAX / BURST_SECONDS;

  private final String name;
  private final long burst;
  private final Duration window;
  private final LoadingCache<S, Bucket> subjects;

  /**
   * Creates an unused quota.
   *
   * @param name the counted unit, as in the answer
   * @param perSecond 1 to {@value #AMOUNT_MAX}
   * @param burst 1 to {@value #AMOUNT_MAX}
   * @throws IllegalArgumentException if either is out of range
   */
  public Quota(String name, long perSecond, long burst) {
    this(name, perSecond, burst, System::nanoTime, SUBJECTS_MAX);
  }

  /**
   * Creates an unused quota with another clock.
   *
   * @param nanoTime see {@link System#nanoTime}
   * @param subjectsMax the maximum number of remembered subjects
   */
  public Quota(String name, long perSecond, long burst, LongSupplier nanoTime, int subjectsMax) {
    requireInRange(name, perSecond);
    requireInRange(name, burst);
    this.name = name;
    this.burst = burst;
    this.window = Duration.ofSeconds(Math.ceilDiv(burst, perSecond));
    Bandwidth bandwidth =
        Bandwidth.builder().capacity(burst).refillGreedy(perSecond, Duration.ofSeconds(1)).build();
    var clock = new Clock(nanoTime);
    subjects =
        Caffeine.newBuilder()
            .maximumSize(subjectsMax)
            .expireAfterAccess(window)
            .ticker(nanoTime::getAsLong)
            .build(
                _ -> Bucket.builder().withCustomTimePrecision(clock).addLimit(bandwidth).build());
  }

  /**
   * The outcome of a request to the quota.
   *
   * @param granted whether it was within the quota; if not, nothing was taken
   * @param remaining the remaining amount
   * @param untilNext the time until it would be granted; zero if it was
   * @param untilWhole the time until the full burst is available again
   */
  public record Usage(boolean granted, long remaining, Duration untilNext, Duration untilWhole) {}

  /**
   * Takes an amount from a subject's quota if it is available.
   *
   * @param amount 1 or more; more than a burst counts as a burst
   */
  public final Usage take(S subject, long amount) {
    ConsumptionProbe probe =
        subjects.get(subject).tryConsumeAndReturnRemaining(Math.min(amount, burst));
    return new Usage(
        probe.isConsumed(),
        probe.getRemainingTokens(),
        Duration.ofNanos(probe.getNanosToWaitForRefill()),
        Duration.ofNanos(probe.getNanosToWaitForReset()));
  }

  /**
   * Takes an amount from a subject's quota although it is not available: the subject waits longer
   * afterwards.
   *
   * @param amount 0 or more
   */
  public final void charge(S subject, long amount) {
    if (amount > 0) {
      subjects.get(subject).consumeIgnoringRateLimits(amount);
    }
  }

  /** Returns the name of the counted unit. */
  public final String name() {
    return name;
  }

  /** Returns the burst. */
  public final long burst() {
    return burst;
  }

  /** Returns the time that a full burst takes to refill, in whole seconds. */
  public final Duration window() {
    return window;
  }

  /** Returns the approximate number of remembered subjects. */
  final long subjects() {
    subjects.cleanUp();
    return subjects.estimatedSize();
  }

  /** Adapts the clock to Bucket4j. */
  private record Clock(LongSupplier nanoTime) implements TimeMeter {
    @Override
    public long currentTimeNanos() {
      return nanoTime.getAsLong();
    }

    @Override
    public boolean isWallClockBased() {
      return false;
    }
  }

  private static void requireInRange(String name, long amount) {
    if (amount < 1 || amount > AMOUNT_MAX) {
      throw new IllegalArgumentException(
          "the quota of " + name + " must be from 1 to " + AMOUNT_MAX);
    }
  }
}
