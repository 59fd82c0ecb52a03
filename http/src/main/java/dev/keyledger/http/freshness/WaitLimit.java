package dev.keyledger.http.freshness;

import dev.keyledger.access.ConcurrencyLimit;
import dev.keyledger.access.Source;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;

/**
 * Limits how many requests of this node wait at the same time, on both ports together: in all, and
 * of each workspace, or of each source while the caller is unknown. A waiting check, or query for a
 * time, occupies no thread of the container. Any other command or query that waits occupies one for
 * up to {@link WaitHeaders#WAIT_MAX}; the container has twice as many threads as there are permits.
 * Thread-safe.
 */
public final class WaitLimit {
  /** The maximum number of requests that wait at the same time. */
  public static final int WAITING_MAX = 100;

  /** The maximum number of them that are of one source, or of one workspace. */
  public static final int WAITING_OF_ONE_MAX = 50;

  /** The holders are sources and workspaces. */
  private final ConcurrencyLimit<Object> places =
      new ConcurrencyLimit<>(WAITING_MAX, WAITING_OF_ONE_MAX);

  /** A permit to wait. Close it exactly once. */
  public final class Permit implements AutoCloseable {
    private final Object holder;

    private Permit(Object holder) {
      this.holder = holder;
    }

    @Override
    public void close() {
      places.leave(holder);
    }
  }

  /**
   * Returns a permit to wait for a request whose caller is not known yet.
   *
   * @throws ProblemException with {@code not-yet-applied} if none is left, in all or for the source
   */
  public Permit acquire(Source source) {
    return acquireFor(source);
  }

  /**
   * Returns a permit to wait for a request whose caller may act in a workspace.
   *
   * @throws ProblemException with {@code not-yet-applied} if none is left, in all or for the
   *     workspace
   */
  public Permit acquire(String workspace) {
    return acquireFor(workspace);
  }

  private Permit acquireFor(Object holder) {
    if (!places.tryTake(holder)) {
      throw new ProblemException(
          ProblemCode.NOT_YET_APPLIED,
          "Too many requests wait on this node already; nothing was done.");
    }
    return new Permit(holder);
  }
}
