package dev.keyledger.verification.index;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.verification.secret.Peppers;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * The secrets that are valid, or can become valid by a renewal: for operators and metrics.
 *
 * <p>Counting them iterates over all keys, so that a result is kept for {@value #KEPT} times as
 * long as it took to count. However often readiness and metrics are queried, and however many
 * peppers there are, counting takes less than a hundredth of one processor. Thread-safe.
 */
public final class LivingSecrets {
  /** How long a result is kept, in units of the time that it took to count. */
  static final int KEPT = 100;

  private final KeyIndex index;
  private final Peppers peppers;
  private final LongSupplier nanoClock;

  @GuardedBy("this")
  private Map<Integer, Long> counted = Map.of();

  @GuardedBy("this")
  private long nextNanos;

  /** Creates the counter of an index. */
  public LivingSecrets(KeyIndex index, Peppers peppers) {
    this(index, peppers, System::nanoTime);
  }

  LivingSecrets(KeyIndex index, Peppers peppers, LongSupplier nanoClock) {
    this.index = index;
    this.peppers = peppers;
    this.nanoClock = nanoClock;
    this.nextNanos = nanoClock.getAsLong();
  }

  /** Returns their number under a version of the pepper, as of the last count. */
  public long under(int version, Instant now) {
    return count(now).getOrDefault(version, 0L);
  }

  /**
   * Returns the versions of the pepper that they need and that are not configured. While there are
   * any, valid keys are answered with NOT_FOUND, so the node is not ready. Counts only if a key
   * that is not revoked needs a missing pepper.
   */
  public Set<Integer> missingPeppers(Instant now) {
    if (index.needsOnly(peppers.versions())) {
      return Set.of();
    }
    var missing = new TreeSet<>(count(now).keySet());
    missing.removeAll(Set.copyOf(peppers.versions()));
    return missing;
  }

  private synchronized Map<Integer, Long> count(Instant now) {
    long start = nanoClock.getAsLong();
    if (start - nextNanos >= 0) {
      counted = index.livingSecretsByPepper(now);
      long end = nanoClock.getAsLong();
      nextNanos = end + (end - start) * KEPT;
    }
    return counted;
  }
}
