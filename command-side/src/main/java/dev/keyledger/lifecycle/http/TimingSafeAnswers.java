package dev.keyledger.lifecycle.http;

import dev.keyledger.access.ConcurrencyLimit;
import dev.keyledger.access.Source;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Sends responses at fixed ticks, so that the response time does not reveal the work done.
 *
 * <p>A response is sent at the first tick that is at least {@link #TICK} after its request. No
 * thread waits for the tick. Thread-safe.
 */
final class TimingSafeAnswers implements AutoCloseable {
  /** The time between ticks; a response is sent one to two of them after its request. */
  static final Duration TICK = Duration.ofMillis(250);

  /** The maximum number of pending responses; further requests are rejected. */
  static final int HELD_MAX = 1000;

  /** The maximum number of pending responses of one source; further requests are rejected. */
  static final int HELD_OF_SOURCE_MAX = 100;

  private static final long TICK_NANOS = TICK.toNanos();

  private final ConcurrencyLimit<Source> places;
  private final ScheduledExecutorService ticks =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("keyledger-ticks").factory());

  TimingSafeAnswers() {
    this(HELD_MAX, HELD_OF_SOURCE_MAX);
  }

  TimingSafeAnswers(int heldMax, int heldOfSourceMax) {
    places = new ConcurrencyLimit<>(heldMax, heldOfSourceMax);
  }

  /**
   * Returns the result of the work, or its exception, at the tick.
   *
   * @throws ProblemException with {@code rate-limited} if too many responses are pending, in all or
   *     of the source
   */
  <T> DeferredResult<T> answer(Source source, Supplier<T> work) {
    long came = System.nanoTime();
    if (!places.tryTake(source)) {
      throw new ProblemException(
          ProblemCode.RATE_LIMITED, "Too many such requests at once; wait a moment.");
    }
    // No timeout: the tick completes it.
    var result = new DeferredResult<T>(0L);
    Runnable answer;
    try {
      T done = work.get();
      answer = () -> result.setResult(done);
    } catch (RuntimeException | Error e) {
      answer = () -> result.setErrorResult(e);
    }
    atTick(came, source, answer);
    return result;
  }

  private void atTick(long came, Source source, Runnable answer) {
    long now = System.nanoTime();
    var _ =
        ticks.schedule(
            () -> {
              places.leave(source);
              answer.run();
            },
            tickAfter(came, now) - now,
            TimeUnit.NANOSECONDS);
  }

  /** Returns the tick of a request that arrived then and was processed until now. */
  static long tickAfter(long came, long now) {
    long earliest = Math.max(came + TICK_NANOS, now);
    return Math.ceilDiv(earliest, TICK_NANOS) * TICK_NANOS;
  }

  /** Drops pending responses. */
  @Override
  public void close() {
    ticks.shutdownNow();
  }
}
