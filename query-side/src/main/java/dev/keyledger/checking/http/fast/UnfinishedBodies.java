package dev.keyledger.checking.http.fast;

import java.util.HashMap;
import java.util.Map;

/** Counts the bytes of bodies that have not arrived in whole, in all and by source. Thread-safe. */
final class UnfinishedBodies {
  private final long bytesMax;
  private final long bytesPerSourceMax;
  private final Map<String, Long> bytesBySource = new HashMap<>();
  private long bytes;

  UnfinishedBodies(FastLimits limits) {
    this.bytesMax = limits.unfinishedBytes();
    this.bytesPerSourceMax = limits.unfinishedBytesPerSource();
  }

  /** Counts more bytes of a source, unless a limit would be exceeded. */
  synchronized boolean take(String source, int more) {
    long ofSource = bytesBySource.getOrDefault(source, 0L) + more;
    if (ofSource > bytesPerSourceMax || bytes + more > bytesMax) {
      return false;
    }
    bytesBySource.put(source, ofSource);
    bytes += more;
    return true;
  }

  /** Returns bytes that were taken. */
  synchronized void giveBack(String source, int taken) {
    bytesBySource.computeIfPresent(
        source, (_, ofSource) -> ofSource == taken ? null : ofSource - taken);
    bytes -= taken;
  }
}
