package dev.keyledger.projection;

import dev.keyledger.log.LogTail;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Moves every projection whose claim this node has; a node without a claim stands by for it. An
 * event that cannot be applied is tried again and again, never skipped, and is reported by {@link
 * #failures}.
 *
 * <p>Each projection has a thread of its own. Safe for use by many threads.
 */
public final class ProjectionRunners implements AutoCloseable {
  private final List<ProjectionRunner> runners;

  /**
   * Runners that begin once started.
   *
   * @param tail tells when there is something to do, and has the last events in memory
   * @param node what this node is called; need not be unique
   */
  public ProjectionRunners(
      List<Projection> projections, ProjectionDatabase database, LogTail tail, String node) {
    String owner = node + " " + UUID.randomUUID();
    runners =
        projections.stream()
            .map(projection -> new ProjectionRunner(projection, database, tail, owner))
            .toList();
  }

  /** Begins to move them; once. */
  public void start() {
    runners.forEach(ProjectionRunner::start);
  }

  /** Ends the steps that are being taken and gives the claims back. */
  @Override
  public void close() {
    runners.forEach(ProjectionRunner::beginToClose);
    runners.forEach(ProjectionRunner::awaitClosed);
  }

  /** The projections that this node moves. */
  public List<String> claimed() {
    return runners.stream()
        .filter(ProjectionRunner::isClaimed)
        .map(ProjectionRunner::name)
        .toList();
  }

  /**
   * Returns why projections stand still until somebody mends something, by their names. A database
   * that is away for a while is not reported here: what was applied stays good.
   */
  public Map<String, String> failures() {
    var failures = new TreeMap<String, String>();
    for (ProjectionRunner runner : runners) {
      runner.failure().ifPresent(failure -> failures.put(runner.name(), failure));
    }
    return failures;
  }
}
