package dev.keyledger.access;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A limit on concurrent requests: a number of places, of which no holder occupies more than its
 * share. So one holder cannot exclude the others. Remembers only holders that occupy places.
 * Thread-safe.
 *
 * @param <H> the type of the holders, such as {@link Source}
 */
public final class ConcurrencyLimit<H> {
  private final int placesMax;
  private final int shareMax;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();

  @GuardedBy("lock")
  private final Map<H, Integer> taken = new HashMap<>();

  @GuardedBy("lock")
  private int takenInAll;

  /**
   * Creates free places.
   *
   * @param placesMax the number of places
   * @param shareMax the maximum number of places of one holder
   * @throws IllegalArgumentException unless the share is at least 1 and less than all places
   */
  public ConcurrencyLimit(int placesMax, int shareMax) {
    if (shareMax < 1 || shareMax >= placesMax) {
      throw new IllegalArgumentException(
          "a share of %d places cannot be %d".formatted(placesMax, shareMax));
    }
    this.placesMax = placesMax;
    this.shareMax = shareMax;
  }

  /** Takes a place and returns true, unless all are taken or the holder has its share. */
  public boolean tryTake(H holder) {
    lock.lock();
    try {
      return takeIfLeft(holder);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a place as soon as there is one for the holder.
   *
   * @param max the longest wait
   * @return whether a place became free in time
   */
  public boolean tryTake(H holder, Duration max) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = max.toNanos();
      boolean took = takeIfLeft(holder);
      while (!took && nanos > 0) {
        nanos = left.awaitNanos(nanos);
        took = takeIfLeft(holder);
      }
      return took;
    } finally {
      lock.unlock();
    }
  }

  /** Gives back a place that the holder took. */
  public void leave(H holder) {
    lock.lock();
    try {
      taken.computeIfPresent(holder, (_, places) -> places == 1 ? null : places - 1);
      takenInAll--;
      left.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private boolean takeIfLeft(H holder) {
    int places = taken.getOrDefault(holder, 0);
    if (places >= shareMax || takenInAll >= placesMax) {
      return false;
    }
    taken.put(holder, places + 1);
    takenInAll++;
    return true;
  }
}
