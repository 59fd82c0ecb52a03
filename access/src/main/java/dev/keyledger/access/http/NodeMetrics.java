package dev.keyledger.access.http;

import dev.keyledger.log.LogTail;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;

/** How far this node's index is, and how far behind the log. */
final class NodeMetrics implements MeterBinder {
  private static final double NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

  private final LogTail tail;

  NodeMetrics(LogTail tail) {
    this.tail = tail;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("keyledger.position.appended", tail, LogTail::head)
        .description("The position of the log's last event, as this node last saw it")
        .register(registry);
    Gauge.builder("keyledger.position.applied", tail, LogTail::position)
        .description("The position of the last event that this node's index shows")
        .register(registry);
    Gauge.builder("keyledger.lag.events", tail, t -> t.head() - t.position())
        .description("How many events of the log this node's index does not show yet")
        .register(registry);
    Gauge.builder("keyledger.lag", tail, t -> t.sinceContact().toNanos() / NANOS_PER_SECOND)
        .description("How long ago the log last answered this node")
        .baseUnit("seconds")
        .register(registry);
  }
}
