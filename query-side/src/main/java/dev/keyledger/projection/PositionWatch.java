package dev.keyledger.projection;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Waits for a projection to reach a position, on whichever node it is moved: PostgreSQL is asked,
 * for all waiters together, and at once when this node has moved it.
 *
 * <p>Safe for use by many threads; the lock guards all fields.
 */
public final class PositionWatch {
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(20);

  private final ProjectionDatabase database;
  private final String projection;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition moved = lock.newCondition();
  private long position;
  private boolean looking;

  public PositionWatch(ProjectionDatabase database, String projection) {
    this.database = database;
    this.projection = projection;
  }

  /** Tells the waiters that this node has moved the projection. */
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
   * Waits until that position is applied.
   *
   * @param max how long; zero only looks
   * @return whether it is; false also if the thread was interrupted, whose flag stays set
   * @throws dev.keyledger.log.StoreUnavailableException if the database cannot be reached
   */
  public boolean await(long awaited, Duration max) {
    long end = System.nanoTime() + max.toNanos();
    lock.lock();
    try {
      long rest = max.toNanos();
      while (position < awaited) {
        if (!looking || rest <= 0) {
          look();
        }
        rest = end - System.nanoTime();
        if (position >= awaited || rest <= 0) {
          break;
        }
        moved.awaitNanos(Math.min(rest, LOOK_INTERVAL.toNanos()));
      }
      return position >= awaited;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Asks PostgreSQL without the lock; while one asks for all, the others wait for its answer. */
  private void look() {
    looking = true;
    lock.unlock();
    long seen = 0;
    try {
      seen = database.position(projection);
    } finally {
      lock.lock();
      looking = false;
      position = Math.max(position, seen);
      moved.signalAll();
    }
  }
}
