package dev.keyledger.pointintime;

import dev.keyledger.access.Shares;
import dev.keyledger.log.StoreUnavailableException;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Turns for reading all events of keys, which may be many. Few requests read at once, so that they
 * leave most processors to the checks, and no workspace has all turns. Thread-safe.
 */
public final class LogTurns {
  /** The maximum number of requests that read at the same time for one workspace; others wait. */
  public static final int AT_ONCE_OF_WORKSPACE_MAX =
      Math.max(1, Runtime.getRuntime().availableProcessors() / 4);

  /** The maximum number of them for all workspaces. */
  public static final int AT_ONCE_MAX = 2 * AT_ONCE_OF_WORKSPACE_MAX;

  /** How long a request waits for its turn. */
  public static final Duration WAIT_MAX = Duration.ofSeconds(2);

  private final Shares<String> turns = new Shares<>(AT_ONCE_MAX, AT_ONCE_OF_WORKSPACE_MAX);
  private final Duration waitMax;

  public LogTurns() {
    this(WAIT_MAX);
  }

  /**
   * @param waitMax how long a request waits for its turn
   */
  public LogTurns(Duration waitMax) {
    this.waitMax = waitMax;
  }

  /**
   * Returns what the read returns, in a turn of the workspace. Blocks the thread, which must not be
   * one that other requests need.
   *
   * @throws StoreUnavailableException if no turn comes in time
   */
  public <T> T read(String workspace, Supplier<T> read) {
    try {
      if (!turns.tryTake(workspace, waitMax)) {
        throw new StoreUnavailableException("too many requests read the events of keys");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted", e);
    }
    try {
      return read.get();
    } finally {
      turns.leave(workspace);
    }
  }
}
