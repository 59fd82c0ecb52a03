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
public final class OpenConnections {
  /** An open connection. */
  public interface Connection {
    /** Returns the source that counts as one client. */
    Source source();

    /** Returns the time at which the last answer was written, or the connection was opened. */
    long lastServedNanos();

    /** Closes the connection at once; any thread may call it. */
    void close();
  }

  private final int max;
  private final int perSourceMax;
  private final Map<Source, Set<Connection>> bySource = new HashMap<>();
  private final Set<Connection> all = new HashSet<>();

  /**
   * @param max the maximum number of open connections
   * @param perSourceMax the maximum number of open connections of one source
   */
  public OpenConnections(int max, int perSourceMax) {
    this.max = max;
    this.perSourceMax = perSourceMax;
  }

  /** Adds a connection, which may close another one. */
  public synchronized void add(Connection opened) {
    Set<Connection> ofSource = bySource.computeIfAbsent(opened.source(), _ -> new HashSet<>());
    if (ofSource.size() >= perSourceMax) {
      closeLongestIdle(ofSource);
    } else if (all.size() >= max) {
      closeLongestIdle(all);
    }
    // The first step may have removed the set, if the source had one connection only.
    bySource.computeIfAbsent(opened.source(), _ -> new HashSet<>()).add(opened);
    all.add(opened);
  }

  /** Removes a connection that is closed. */
  public synchronized void remove(Connection closed) {
    all.remove(closed);
    bySource.computeIfPresent(
        closed.source(),
        (_, ofSource) -> ofSource.remove(closed) && ofSource.isEmpty() ? null : ofSource);
  }

  private void closeLongestIdle(Collection<Connection> connections) {
    long now = System.nanoTime();
    Connection idle =
        connections.stream()
            .max(Comparator.comparingLong(connection -> now - connection.lastServedNanos()))
            .orElseThrow();
    remove(idle);
    idle.close();
  }
}
