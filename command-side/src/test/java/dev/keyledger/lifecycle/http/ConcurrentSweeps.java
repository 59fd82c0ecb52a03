package dev.keyledger.lifecycle.http;

import dev.keyledger.lifecycle.due.DueSweep;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;

/** Concurrent sweeps, besides those of the scheduler. */
final class ConcurrentSweeps {
  private ConcurrentSweeps() {}

  /** Repeats sweeps until enough is recorded; returns the number of recorded events. */
  static int recordedUntil(BooleanSupplier enough, List<DueSweep> sweeps) throws Exception {
    List<Callable<Integer>> repeated =
        sweeps.stream().<Callable<Integer>>map(sweep -> () -> repeat(sweep, enough)).toList();
    int recorded = 0;
    try (var threads = Executors.newFixedThreadPool(sweeps.size())) {
      for (Future<Integer> sweep : threads.invokeAll(repeated)) {
        recorded += sweep.get();
      }
    }
    return recorded;
  }

  private static int repeat(DueSweep sweep, BooleanSupplier enough) {
    int recorded = 0;
    while (!enough.getAsBoolean()) {
      recorded += sweep.run(() -> true);
    }
    return recorded;
  }
}
