package dev.keyledger.access;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.keyledger.verification.decision.IpAddress;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How much of something each source may do: a burst at once, and so much a second in the long run.
 * A source is an IPv4 address, or the /64 network of an IPv6 address, which is what one subscriber
 * has. Thread-safe, and no source waits for another.
 *
 * <p>Memory is bounded: {@value #SOURCES_MAX} sources are remembered, and those that are seen least
 * are forgotten for others. A forgotten source begins anew with a whole burst: so does one of which
 * nothing was heard for as long as it takes to get the burst back.
 */
public final class SourceQuota {
  /** The most sources that are remembered; about 30 MB. */
  public static final int SOURCES_MAX = 65_536;

  /** The most of either number. */
  public static final long AMOUNT_MAX = 1_000_000;

  private static final int SUBSCRIBER_BITS = 64;
  private static final IpAddress UNREADABLE = new IpAddress(true, -1, -1);

  private final String name;
  private final long burst;
  private final Duration window;
  private final LoadingCache<IpAddress, Bucket> sources;

  /**
   * A quota of which nothing is used.
   *
   * @param name what is counted, as the answer tells it
   * @param perSecond 1 to {@value #AMOUNT_MAX}
   * @param burst 1 to {@value #AMOUNT_MAX}
   * @throws IllegalArgumentException if either is out of range
   */
  public SourceQuota(String name, long perSecond, long burst) {
    this(name, perSecond, burst, System::nanoTime, SOURCES_MAX);
  }

  /**
   * The same by another clock.
   *
   * @param nanoTime as {@link System#nanoTime}
   * @param sourcesMax how many sources are remembered at most
   */
  public SourceQuota(
      String name, long perSecond, long burst, LongSupplier nanoTime, int sourcesMax) {
    requireInRange(name, perSecond);
    requireInRange(name, burst);
    this.name = name;
    this.burst = burst;
    this.window = Duration.ofSeconds(Math.ceilDiv(burst, perSecond));
    Bandwidth bandwidth =
        Bandwidth.builder().capacity(burst).refillGreedy(perSecond, Duration.ofSeconds(1)).build();
    var clock = new Clock(nanoTime);
    sources =
        Caffeine.newBuilder()
            .maximumSize(sourcesMax)
            .expireAfterAccess(window)
            .ticker(nanoTime::getAsLong)
            .build(
                _ -> Bucket.builder().withCustomTimePrecision(clock).addLimit(bandwidth).build());
  }

  /**
   * What became of a request for a part of the quota.
   *
   * @param granted whether it was within the quota; if not, nothing was taken
   * @param remaining how much is left
   * @param untilNext how long until it would be granted; zero if it was
   * @param untilWhole how long until the whole burst is there again
   */
  public record Usage(boolean granted, long remaining, Duration untilNext, Duration untilWhole) {}

  /**
   * Takes a part of a source's quota, if that is left.
   *
   * @param address the source's IP literal
   * @param amount 1 or more; more than a burst counts as a burst
   */
  public Usage take(String address, long amount) {
    ConsumptionProbe probe =
        sources.get(sourceOf(address)).tryConsumeAndReturnRemaining(Math.min(amount, burst));
    return new Usage(
        probe.isConsumed(),
        probe.getRemainingTokens(),
        Duration.ofNanos(probe.getNanosToWaitForRefill()),
        Duration.ofNanos(probe.getNanosToWaitForReset()));
  }

  /** What is counted. */
  public String name() {
    return name;
  }

  /** How much may be done at once. */
  public long burst() {
    return burst;
  }

  /** How long it takes to get a whole burst back, in whole seconds. */
  public Duration window() {
    return window;
  }

  /** How many sources are remembered, about. */
  long sources() {
    sources.cleanUp();
    return sources.estimatedSize();
  }

  /** The clock as Bucket4j wants it. */
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

  private static IpAddress sourceOf(String address) {
    IpAddress parsed = IpAddress.parse(address);
    if (parsed == null) {
      return UNREADABLE;
    }
    return parsed.isV4() ? parsed : parsed.masked(SUBSCRIBER_BITS);
  }

  private static void requireInRange(String name, long amount) {
    if (amount < 1 || amount > AMOUNT_MAX) {
      throw new IllegalArgumentException(
          "the quota of " + name + " must be from 1 to " + AMOUNT_MAX);
    }
  }
}
