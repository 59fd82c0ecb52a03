package dev.keyledger.benchmarks.catchup;

import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogTail;
import dev.keyledger.node.DatabaseProperties;
import dev.keyledger.verification.index.KeyIndex;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** Builds the key index from the log in {@code KEYLEDGER_DATABASE_URL} and prints the duration. */
public final class CatchUp {
  private static final Duration PATIENCE = Duration.ofHours(1);

  private CatchUp() {}

  public static void main(String[] arguments) {
    var codec = new EventCodec();
    var index = new KeyIndex();
    try (LedgerDatabase database = LedgerDatabase.open(DatabaseProperties.primaryOfProcess());
        LogTail tail = new LogTail(database, codec, 0, index::apply)) {
      long head = new LogReader(database, codec).head().position();
      long start = System.nanoTime();
      tail.start();
      if (!tail.await(head, PATIENCE)) {
        throw new IllegalStateException(tail.failure().orElse("not done in time"));
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      var system =
          (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
      System.out.printf(
          "%,d events in %.1f s: %,.0f events/s; %.2f us of CPU per event, start included%n",
          head, seconds, head / seconds, system.getProcessCpuTime() / 1e3 / head);
    }
  }
}
