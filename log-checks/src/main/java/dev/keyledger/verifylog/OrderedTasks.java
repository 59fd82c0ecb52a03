package dev.keyledger.verifylog;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;

/**
 * Runs tasks on other threads than the one that submits them, and hands over their results on the
 * submitting thread, in the order of submission. The number of running tasks is bounded.
 */
final class OrderedTasks<T> {
  /** Enough that no processor waits while the submitting thread waits for a disk. */
  private static final int AT_ONCE = 8 * Runtime.getRuntime().availableProcessors();

  private final Queue<FutureTask<T>> running = new ArrayDeque<>();
  private final Consumer<T> results;

  OrderedTasks(Consumer<T> results) {
    this.results = results;
  }

  void submit(Callable<T> work) {
    if (running.size() == AT_ONCE) {
      results.accept(await(running.remove()));
    }
    var task = new FutureTask<>(work);
    running.add(task);
    Thread.startVirtualThread(task);
  }

  /** Waits for what is still running. */
  void finish() {
    while (!running.isEmpty()) {
      results.accept(await(running.remove()));
    }
  }

  private static <T> T await(FutureTask<T> task) {
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("a piece of the check has failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CannotCheckException("verify-log was interrupted");
    }
  }
}
