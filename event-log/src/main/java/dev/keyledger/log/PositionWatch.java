package dev.keyledger.log;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Waits until tables that follow the log have reached a position, whichever node writes them. One
 * query to PostgreSQL serves all waiters, and they are woken at once when this node advances the
 * position.
 *
 * <p>Thread-safe.
 */
public final class PositionWatch {
  private static final Duration POLL_INTERVAL = Duration.ofMillis(20);

  private final LongSupplier stored;
  private final ReentrantLock lock = new ReentrantLock();

  @GuardedBy("lock")
  private final Condition moved = lock.newCondition();

  @GuardedBy("lock")
  private long position;

  @GuardedBy("lock")
  private boolean querying;

  /**
   * @param stored queries the position; throws {@link StoreUnavailableException}
   */
  public PositionWatch(LongSupplier stored) {
    this.stored = stored;
  }

  /** Wakes the waiters after this node has advanced the position. */
  public void moved(long reached) {
    lock.lock();
    try {
      position = Math.max(position, reached);
      moved.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until a position is applied.
   *
   * @param max the longest wait; zero queries once
   * @return whether it is applied; false also if the thread was interrupted, in which case its flag
   *     stays set
   * @throws StoreUnavailableException if the database cannot be reached
   */
  public boolean await(long awaited, Duration max) {
    long end = System.nanoTime() + max.toNanos();
    lock.lock();
    try {
      long rest = max.toNanos();
      while (position < awaited) {
        if (!querying || rest <= 0) {
          query();
        }
        rest = end - System.nanoTime();
        if (position >= awaited || rest <= 0) {
          break;
        }
        moved.awaitNanos(Math.min(rest, POLL_INTERVAL.toNanos()));
      }
      return position >= awaited;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Queries PostgreSQL without holding the lock. One thread queries for all; the others wait. */
  @GuardedBy("lock")
  private void query() {
    querying = true;
    lock.unlock();
    long seen = 0;
    try {
      seen = stored.getAsLong();
    } finally {
      lock.lock();
      querying = false;
      position = Math.max(position, seen);
      moved.signalAll();
    }
  }
}
