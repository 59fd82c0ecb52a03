package dev.keyledger.directory;

import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.projection.ProjectionDatabase;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

/**
 * The latest counts of keys by their last uses. They cannot be maintained like others, because uses
 * are not part of the log; a scan of all keys counts them. A count is cached for {@value
 * #KEPT_TIMES} times as long as it took, and one runs at a time. So a node spends at most a
 * twentieth of its time on a workspace, however many keys and queries there are. Thread-safe.
 */
final class UseCounts {
  /** The cache time of a count, as a multiple of the time that it took. */
  static final int KEPT_TIMES = 20;

  /** The maximum number of workspaces with cached counts. */
  static final int WORKSPACES_MAX = 1_000;

  private final BiFunction<String, Instant, Map<AttentionReason, Long>> count;
  private final LongSupplier nanoClock;
  private final ReentrantLock counting = new ReentrantLock();
  private final LinkedHashMap<String, Counted> latest = new LinkedHashMap<>();

  /**
   * @param counts empty if counting took too long
   */
  private record Counted(Map<AttentionReason, Long> counts, long atNanos, long tookNanos) {}

  /**
   * @param count counts the keys of a workspace at a time
   * @param nanoClock a monotonic clock
   */
  UseCounts(BiFunction<String, Instant, Map<AttentionReason, Long>> count, LongSupplier nanoClock) {
    this.count = count;
    this.nanoClock = nanoClock;
  }

  /** Returns the counts of a workspace; empty if counting takes too long. */
  Map<AttentionReason, Long> of(String workspace, Instant now) {
    if (!tryLock()) {
      return Map.of();
    }
    try {
      Counted counted = latest.get(workspace);
      if (counted == null
          || nanoClock.getAsLong() - counted.atNanos >= KEPT_TIMES * counted.tookNanos) {
        counted = counted(workspace, now);
        latest.remove(workspace);
        if (latest.size() == WORKSPACES_MAX) {
          var _ = latest.pollFirstEntry();
        }
        latest.put(workspace, counted);
      }
      return counted.counts;
    } finally {
      counting.unlock();
    }
  }

  private Counted counted(String workspace, Instant now) {
    long start = nanoClock.getAsLong();
    Map<AttentionReason, Long> counts;
    try {
      counts = count.apply(workspace, now);
    } catch (StoreUnavailableException tooLong) {
      counts = Map.of();
    }
    long end = nanoClock.getAsLong();
    return new Counted(counts, end, end - start);
  }

  private boolean tryLock() {
    try {
      return counting.tryLock(ProjectionDatabase.LIST_TIME_MAX.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
