package dev.keyledger.checking.http.fast;

import dev.keyledger.access.Source;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Limits the open connections, in all and of each source. At a limit, a new connection replaces the
 * one that has been idle longest. Thread-safe.
 */
final class OpenConnections {
  private final FastLimits limits;
  private final Map<Source, Set<FastConnection>> bySource = new HashMap<>();
  private final Set<FastConnection> all = new HashSet<>();

  OpenConnections(FastLimits limits) {
    this.limits = limits;
  }

  synchronized void add(FastConnection opened) {
    Set<FastConnection> ofSource = bySource.computeIfAbsent(opened.source(), _ -> new HashSet<>());
    if (ofSource.size() >= limits.connectionsPerSource()) {
      closeLongestIdle(ofSource);
    } else if (all.size() >= limits.connections()) {
      closeLongestIdle(all);
    }
    // The first step may have removed the set, if the source had one connection only.
    bySource.computeIfAbsent(opened.source(), _ -> new HashSet<>()).add(opened);
    all.add(opened);
  }

  synchronized void remove(FastConnection closed) {
    all.remove(closed);
    bySource.computeIfPresent(
        closed.source(),
        (_, ofSource) -> ofSource.remove(closed) && ofSource.isEmpty() ? null : ofSource);
  }

  private void closeLongestIdle(Collection<FastConnection> connections) {
    long now = System.nanoTime();
    FastConnection idle =
        connections.stream()
            .max(Comparator.comparingLong(connection -> now - connection.lastServedNanos()))
            .orElseThrow();
    remove(idle);
    idle.close();
  }
}
