package dev.keyledger.access;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A rate limit for each {@link Source}. Thread-safe; no source waits for another. */
public final class SourceQuota extends Quota<Source> {
  /** Creates an unused quota; see {@link Quota#Quota(String, long, long)}. */
  public SourceQuota(String name, long perSecond, long burst) {
    super(name, perSecond, burst);
  }

  /** Creates an unused quota; see {@link Quota#Quota(String, long, long, LongSupplier, int)}. */
  public SourceQuota(
      String name, long perSecond, long burst, LongSupplier nanoTime, int sourcesMax) {
    super(name, perSecond, burst, nanoTime, sourcesMax);
  }

  /**
   * Takes an amount from a source's quota if it is available.
   *
   * @param address the source's IP literal; null if unknown
   * @param amount 1 or more; more than a burst counts as a burst
   */
  public Usage take(@Nullable String address, long amount) {
    return take(Source.of(address), amount);
  }
}
