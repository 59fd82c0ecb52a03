package dev.keyledger.access;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A number of places that requests occupy for a while, of which no holder gets more than its share:
 * whatever one holder does, places are left for the others. Remembers only those that have places.
 * Thread-safe.
 *
 * @param <H> who has a share: a {@link Source}, or a workspace
 */
public final class Shares<H> {
  private final int placesMax;
  private final int shareMax;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();

  @GuardedBy("lock")
  private final Map<H, Integer> taken = new HashMap<>();

  @GuardedBy("lock")
  private int takenInAll;

  /**
   * Creates places that nobody has taken.
   *
   * @param placesMax the number of places
   * @param shareMax how many of them one holder may have
   * @throws IllegalArgumentException if one holder could have all places, or none
   */
  public Shares(int placesMax, int shareMax) {
    if (shareMax < 1 || shareMax >= placesMax) {
      throw new IllegalArgumentException(
          "a share of %d places cannot be %d".formatted(placesMax, shareMax));
    }
    this.placesMax = placesMax;
    this.shareMax = shareMax;
  }

  /** Takes a place, unless there is none, or the holder has its share. */
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
   * @param max how long to wait
   * @return whether there was one in time
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
