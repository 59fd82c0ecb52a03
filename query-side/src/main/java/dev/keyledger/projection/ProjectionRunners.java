package dev.keyledger.projection;

import dev.keyledger.log.LogRunner;
import dev.keyledger.log.LogTail;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Updates every projection whose claim this node has, and stands by for the others. An event that
 * cannot be applied is retried, never skipped, and reported by {@link #failures}.
 *
 * <p>Each projection has its own thread. Thread-safe.
 */
public final class ProjectionRunners implements AutoCloseable {
  private final List<LogRunner> runners;

  /**
   * Creates runners; {@link #start} makes them run.
   *
   * @param tail signals new events and keeps the last events in memory
   * @param node the name of this node; need not be unique
   */
  public ProjectionRunners(
      List<Projection> projections, ProjectionDatabase database, LogTail tail, String node) {
    String owner = node + " " + UUID.randomUUID();
    runners =
        projections.stream().map(projection -> database.runner(projection, tail, owner)).toList();
  }

  /** Starts updating the projections. Called once. */
  public void start() {
    runners.forEach(LogRunner::start);
  }

  /** Completes the current steps and releases the claims. */
  @Override
  public void close() {
    runners.forEach(LogRunner::beginToClose);
    runners.forEach(LogRunner::awaitClosed);
  }

  /** Returns the projections that this node moves. */
  public List<String> claimed() {
    return runners.stream().filter(LogRunner::isClaimed).map(LogRunner::name).toList();
  }

  /**
   * Returns the failures that stop projections until an operator fixes the cause, by name. A
   * temporarily unavailable database is not reported here: the lists stay valid.
   */
  public Map<String, String> failures() {
    var failures = new TreeMap<String, String>();
    for (LogRunner runner : runners) {
      runner.failure().ifPresent(failure -> failures.put(runner.name(), failure));
    }
    return failures;
  }
}
