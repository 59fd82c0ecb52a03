package dev.keyledger.http.freshness;

import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.util.concurrent.Semaphore;

/**
 * Limits how many requests of this node wait at the same time, on both ports together. A waiting
 * check, or query for a time, occupies no thread of the container. Any other command or query that
 * waits occupies one for up to {@link WaitHeaders#WAIT_MAX}; the container has twice as many
 * threads as there are permits. Thread-safe.
 */
public final class WaitLimit {
  /** The maximum number of requests that wait at the same time. */
  public static final int WAITING_MAX = 100;

  private final Semaphore permits = new Semaphore(WAITING_MAX);

  /** A permit to wait. Close it exactly once. */
  public final class Permit implements AutoCloseable {
    private Permit() {}

    @Override
    public void close() {
      permits.release();
    }
  }

  /**
   * Returns a permit to wait.
   *
   * @throws ProblemException with {@code not-yet-applied} if none is left
   */
  public Permit acquire() {
    if (!permits.tryAcquire()) {
      throw new ProblemException(
          ProblemCode.NOT_YET_APPLIED,
          "Too many requests wait on this node already; nothing was done.");
    }
    return new Permit();
  }
}
