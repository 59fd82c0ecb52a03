package dev.keyledger.access;

import dev.keyledger.log.StoreUnavailableException;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Turns for the work of queries: to read, to decide and to write JSON. Few queries work at once, so
 * that processors remain free for checks, and no workspace has all turns. A query with a turn never
 * waits for its client. Thread-safe.
 */
public final class QueryTurns {
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  /** The maximum number of queries of one workspace that work at the same time; others wait. */
  public static final int AT_ONCE_OF_WORKSPACE_MAX = Math.max(1, PROCESSORS / 2);

  /** The maximum number of queries that work at the same time. */
  public static final int AT_ONCE_MAX = Math.max(AT_ONCE_OF_WORKSPACE_MAX + 1, PROCESSORS - 1);

  /** The longest time for which a query waits for a turn. */
  public static final Duration WAIT_MAX = Duration.ofSeconds(2);

  private final ConcurrencyLimit<String> turns =
      new ConcurrencyLimit<>(AT_ONCE_MAX, AT_ONCE_OF_WORKSPACE_MAX);
  private final Duration waitMax;

  public QueryTurns() {
    this(WAIT_MAX);
  }

  /**
   * @param waitMax the longest wait of a query for its turn
   */
  public QueryTurns(Duration waitMax) {
    this.waitMax = waitMax;
  }

  /**
   * Returns the result of the work, executed in a turn of the workspace. Blocks the thread, which
   * must not be one that other requests need.
   *
   * @throws StoreUnavailableException if no turn comes in time
   */
  public <T> T read(String workspace, Supplier<T> work) {
    take(workspace);
    try {
      return work.get();
    } finally {
      leave(workspace);
    }
  }

  /**
   * Takes a turn, which must be given back by {@link #leave}.
   *
   * @throws StoreUnavailableException if no turn comes in time
   */
  public void take(String workspace) {
    try {
      if (!turns.tryTake(workspace, waitMax)) {
        throw new StoreUnavailableException("too many queries are under way");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted", e);
    }
  }

  /** Gives back a turn that a query of the workspace took. */
  public void leave(String workspace) {
    turns.leave(workspace);
  }
}
