package dev.keyledger.node;

import dev.keyledger.log.LogTail;
import dev.keyledger.log.receipts.NodeName;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.secret.Peppers;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;

/** How far this node's index is, how far behind the log, and which peppers its keys need. */
final class NodeMetrics implements MeterBinder {
  private static final double NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

  private final NodeName name;
  private final LogTail tail;
  private final KeyIndex index;
  private final Peppers peppers;
  private final CheckClock clock;

  NodeMetrics(NodeName name, LogTail tail, KeyIndex index, Peppers peppers, CheckClock clock) {
    this.name = name;
    this.tail = tail;
    this.index = index;
    this.peppers = peppers;
    this.clock = clock;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("keyledger.node", () -> 1)
        .description("Always 1; the tag is what this node is called")
        .tag("node", name.value())
        .register(registry);
    Gauge.builder("keyledger.position.appended", tail, LogTail::head)
        .description("The position of the log's last event, as this node last saw it")
        .register(registry);
    Gauge.builder("keyledger.position.applied", tail, LogTail::position)
        .description("The position of the last event that this node's index shows")
        .register(registry);
    Gauge.builder("keyledger.lag.events", tail, t -> t.head() - t.position())
        .description("How many events of the log this node's index does not show yet")
        .register(registry);
    Gauge.builder("keyledger.lag", tail, t -> seconds(t.sinceContact()))
        .description("How long ago the log last answered this node")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("keyledger.clock.ahead", clock, c -> seconds(c.aheadOfStore()))
        .description("How far this machine's clock is ahead of PostgreSQL's; negative: behind")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("keyledger.clock.set.back", clock, c -> seconds(c.setBack()))
        .description("How far this machine's clock is behind the time for which keys are checked")
        .baseUnit("seconds")
        .register(registry);
    for (int version : peppers.versions()) {
      Gauge.builder("keyledger.secrets", index, keys -> livingUnder(version, keys))
          .description("Secrets that are good, or can become so, by the version of their pepper")
          .tag("pepper", Integer.toString(version))
          .register(registry);
    }
  }

  /** Of clocks that are far apart too, which nanoseconds would not hold. */
  private static double seconds(Duration time) {
    return time.toSeconds() + time.toNanosPart() / NANOS_PER_SECOND;
  }

  private double livingUnder(int version, KeyIndex keys) {
    return keys.livingSecretsByPepper(clock.instant()).getOrDefault(version, 0L);
  }
}
