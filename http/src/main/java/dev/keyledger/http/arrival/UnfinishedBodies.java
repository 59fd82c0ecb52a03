package dev.keyledger.http.arrival;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.access.Source;
import java.util.HashMap;
import java.util.Map;

/** Counts the bytes of unfinished bodies, in total and by source. Thread-safe. */
public final class UnfinishedBodies {
  private final ArrivalLimits limits;
  private final Map<Source, Long> bytesBySource = new HashMap<>();

  @GuardedBy("this")
  private long bytes;

  public UnfinishedBodies(ArrivalLimits limits) {
    this.limits = limits;
  }

  /** Returns the limits of such bodies. */
  public ArrivalLimits limits() {
    return limits;
  }

  /** Counts more bytes of a source, unless a limit would be exceeded. */
  public synchronized boolean take(Source source, int more) {
    long ofSource = bytesBySource.getOrDefault(source, 0L) + more;
    if (ofSource > limits.bytesPerSource() || bytes + more > limits.bytes()) {
      return false;
    }
    bytesBySource.put(source, ofSource);
    bytes += more;
    return true;
  }

  /** Returns bytes that were taken. */
  public synchronized void giveBack(Source source, int taken) {
    bytesBySource.computeIfPresent(
        source, (_, ofSource) -> ofSource == taken ? null : ofSource - taken);
    bytes -= taken;
  }
}
