package dev.keyledger.feed.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;

/** The metrics of the feed. Thread-safe. */
final class FeedMeters {
  /** The value instead of a code for a last message that could not be sent. */
  static final String CLIENT_LEFT = "client-left";

  private final AtomicInteger clients = new AtomicInteger();
  private final MeterRegistry registry;
  private final Counter events;

  FeedMeters(MeterRegistry registry) {
    this.registry = registry;
    this.events =
        Counter.builder("keyledger.feed.events")
            .description("Events that clients of the feed were sent")
            .register(registry);
    Gauge.builder("keyledger.feed.clients", clients, AtomicInteger::get)
        .description("Clients that follow the feed of this node")
        .register(registry);
    var _ = endings(FeedStream.TOO_SLOW);
  }

  void began() {
    clients.incrementAndGet();
  }

  void sent(int count) {
    events.increment(count);
  }

  void ended(String code) {
    clients.decrementAndGet();
    endings(code).increment();
  }

  private Counter endings(String code) {
    return Counter.builder("keyledger.feed.ended")
        .description("Streams of the feed that have ended, by the code of their last message")
        .tag("code", code)
        .register(registry);
  }
}
