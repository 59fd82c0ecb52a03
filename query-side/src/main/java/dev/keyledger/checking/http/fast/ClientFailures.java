package dev.keyledger.checking.http.fast;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the connections that failed unexpectedly, and logs at most one line in {@link #INTERVAL},
 * so that no client can fill the log. Thread-safe.
 */
public final class ClientFailures {
  static final Duration INTERVAL = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(ClientFailures.class);

  private final String listener;
  private final Counter counter;
  private final AtomicLong unlogged = new AtomicLong();
  private final AtomicLong nextLineNanos = new AtomicLong(System.nanoTime());

  /**
   * @param metric the name of the counter
   * @param listener the name of the listener, for a log line
   */
  public ClientFailures(MeterRegistry registry, String metric, String listener) {
    this.listener = listener;
    counter =
        Counter.builder(metric)
            .description("Connections of the " + listener + " that failed unexpectedly")
            .register(registry);
  }

  /** Counts a failure. */
  public void add(String client, Throwable cause) {
    counter.increment();
    unlogged.incrementAndGet();
    long now = System.nanoTime();
    long next = nextLineNanos.get();
    if (now - next >= 0 && nextLineNanos.compareAndSet(next, now + INTERVAL.toNanos())) {
      LOG.warn(
          "A connection of the {} failed and was closed, from {}: {}; {} since the last such line",
          listener,
          client,
          cause.toString(),
          unlogged.getAndSet(0));
    }
  }
}
