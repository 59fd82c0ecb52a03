package dev.keyledger.lifecycle.http;

import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Answers that leave on a fixed tick, so that their time does not tell what work they took.
 *
 * <p>The tick is the first that is at least {@link #TICK} after the request came: all work that
 * takes less leads to the same one. Meanwhile no thread is kept waiting. Thread-safe.
 */
final class TickedAnswers implements AutoCloseable {
  /** The time from one tick to the next; an answer leaves one to two of it after its request. */
  static final Duration TICK = Duration.ofMillis(250);

  /** The most answers that are worked on or held back at a time; whoever comes then is refused. */
  static final int HELD_MAX = 1000;

  private static final long TICK_NANOS = TICK.toNanos();

  private final Semaphore room;
  private final ScheduledExecutorService ticks =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("keyledger-ticks").factory());

  TickedAnswers() {
    this(HELD_MAX);
  }

  TickedAnswers(int heldMax) {
    room = new Semaphore(heldMax);
  }

  /**
   * The answer that the work gives, or the exception that it ends in, at the tick.
   *
   * @throws ProblemException with {@code rate-limited} if too many are held back already
   */
  <T> DeferredResult<T> answer(Supplier<T> work) {
    long came = System.nanoTime();
    if (!room.tryAcquire()) {
      throw new ProblemException(
          ProblemCode.RATE_LIMITED, "Too many such requests at once; wait a moment.");
    }
    // It never times out by itself: the tick comes.
    var result = new DeferredResult<T>(0L);
    Runnable answer;
    try {
      T done = work.get();
      answer = () -> result.setResult(done);
    } catch (RuntimeException | Error e) {
      answer = () -> result.setErrorResult(e);
    }
    atTick(came, answer);
    return result;
  }

  private void atTick(long came, Runnable answer) {
    long now = System.nanoTime();
    var _ =
        ticks.schedule(
            () -> {
              room.release();
              answer.run();
            },
            tickAfter(came, now) - now,
            TimeUnit.NANOSECONDS);
  }

  /** When the answer to a request leaves that came then and was worked on until now. */
  static long tickAfter(long came, long now) {
    long earliest = Math.max(came + TICK_NANOS, now);
    return Math.ceilDiv(earliest, TICK_NANOS) * TICK_NANOS;
  }

  /** Answers that are still held back never leave. */
  @Override
  public void close() {
    ticks.shutdownNow();
  }
}
