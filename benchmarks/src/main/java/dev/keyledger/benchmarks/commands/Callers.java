package dev.keyledger.benchmarks.commands;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that each repeat an operation without a pause. */
final class Callers {
  private Callers() {}

  /** The operation of a caller. */
  interface Operation {
    void run(int caller) throws Exception;
  }

  /** Returns the number of operations of all callers within a time. */
  static long run(int callers, Duration time, Operation operation) throws Exception {
    long end = System.nanoTime() + time.toNanos();
    return run(
        callers,
        caller -> {
          long done = 0;
          for (; System.nanoTime() < end; done++) {
            operation.run(caller);
          }
          return done;
        });
  }

  /** Repeats an operation; all callers together reach the number or exceed it slightly. */
  static long run(int callers, long times, Operation operation) throws Exception {
    long each = (times + callers - 1) / callers;
    return run(
        callers,
        caller -> {
          for (long done = 0; done < each; done++) {
            operation.run(caller);
          }
          return each;
        });
  }

  private interface Loop {
    long run(int caller) throws Exception;
  }

  private static long run(int callers, Loop loop) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
      var tasks = new ArrayList<Callable<Long>>();
      for (int caller = 0; caller < callers; caller++) {
        int self = caller;
        tasks.add(() -> loop.run(self));
      }
      long done = 0;
      for (Future<Long> task : threads.invokeAll(tasks)) {
        done += task.get();
      }
      return done;
    } catch (ExecutionException e) {
      throw new IllegalStateException("a caller failed", e.getCause());
    }
  }
}
