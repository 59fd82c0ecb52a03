package dev.keyledger.benchmarks.commands;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that each do the same thing again and again, as soon as they are done with it. */
final class Callers {
  private Callers() {}

  /** What a caller does. */
  interface Operation {
    void run(int caller) throws Exception;
  }

  /** How often all of them together did it until the time was over. */
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

  /** Does it that often, by all of them together or a few times more. */
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
