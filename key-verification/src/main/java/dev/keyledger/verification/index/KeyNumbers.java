package dev.keyledger.verification.index;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.events.KeyStatus;
import dev.keyledger.verification.secret.Peppers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;

/**
 * How many keys and secrets there are of each kind, without those of closed workspaces: for
 * operators and metrics.
 *
 * <p>Counting them iterates over all keys, so that a result is kept for {@value #KEPT} times as
 * long as it took to count. However often readiness and metrics are queried, and however many
 * numbers there are, counting takes less than a hundredth of one processor. Thread-safe.
 */
public final class KeyNumbers {
  /** The times within which keys that expire are counted. */
  public static final List<Duration> SOON = List.of(Duration.ofDays(7), Duration.ofDays(30));

  /** How long a result is kept, in units of the time that it took to count. */
  static final int KEPT = 100;

  /**
   * The result of a count.
   *
   * @param secretsByPepper the secrets that are valid, or can become valid by a renewal, by their
   *     version of the pepper
   * @param keysByStatus the keys by their status, each of them
   * @param keysExpiring the keys that expire within each time of {@link #SOON} and are not revoked
   *     until then
   */
  record Count(
      Map<Integer, Long> secretsByPepper,
      Map<KeyStatus, Long> keysByStatus,
      Map<Duration, Long> keysExpiring) {
    Count {
      secretsByPepper = Map.copyOf(secretsByPepper);
      keysByStatus = Map.copyOf(keysByStatus);
      keysExpiring = Map.copyOf(keysExpiring);
    }
  }

  private final KeyIndex index;
  private final Peppers peppers;
  private final LongSupplier nanoClock;

  @GuardedBy("this")
  private Count counted = new Count(Map.of(), Map.of(), Map.of());

  @GuardedBy("this")
  private long nextNanos;

  /** Creates the counter of an index. */
  public KeyNumbers(KeyIndex index, Peppers peppers) {
    this(index, peppers, System::nanoTime);
  }

  KeyNumbers(KeyIndex index, Peppers peppers, LongSupplier nanoClock) {
    this.index = index;
    this.peppers = peppers;
    this.nanoClock = nanoClock;
    this.nextNanos = nanoClock.getAsLong();
  }

  /**
   * Returns the number of secrets under a version of the pepper that are valid, or can become valid
   * by a renewal, as of the last count.
   */
  public long secretsUnder(int version, Instant now) {
    return count(now).secretsByPepper.getOrDefault(version, 0L);
  }

  /** Returns the number of keys with a status, as of the last count. */
  public long keysWith(KeyStatus status, Instant now) {
    return requireNonNull(count(now).keysByStatus.get(status));
  }

  /**
   * Returns the number of keys that expire within a time and are not revoked until then, as of the
   * last count.
   *
   * @param within one of {@link #SOON}
   */
  public long keysExpiring(Duration within, Instant now) {
    return requireNonNull(count(now).keysExpiring.get(within));
  }

  /**
   * Returns the versions of the pepper that living secrets need and that are not configured. While
   * there are any, valid keys are answered with NOT_FOUND, so the node is not ready. Counts only if
   * a key that is not revoked needs a missing pepper.
   */
  public Set<Integer> missingPeppers(Instant now) {
    if (index.needsOnly(peppers.versions())) {
      return Set.of();
    }
    var missing = new TreeSet<>(count(now).secretsByPepper.keySet());
    missing.removeAll(Set.copyOf(peppers.versions()));
    return missing;
  }

  private synchronized Count count(Instant now) {
    long start = nanoClock.getAsLong();
    if (start - nextNanos >= 0) {
      counted = index.count(now);
      long end = nanoClock.getAsLong();
      nextNanos = end + (end - start) * KEPT;
    }
    return counted;
  }
}
