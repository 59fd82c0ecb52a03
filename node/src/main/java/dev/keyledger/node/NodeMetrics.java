package dev.keyledger.node;

import dev.keyledger.log.LogTail;
import dev.keyledger.log.receipts.NodeName;
import dev.keyledger.supervision.SupervisedThread;
import dev.keyledger.verification.index.LivingSecrets;
import dev.keyledger.verification.secret.Peppers;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;

/** Metrics of this node's index: its position, its lag, and the peppers that its keys need. */
final class NodeMetrics implements MeterBinder {
  private static final double NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

  private final NodeName name;
  private final LogTail tail;
  private final LivingSecrets living;
  private final Peppers peppers;
  private final CheckClock clock;

  NodeMetrics(
      NodeName name, LogTail tail, LivingSecrets living, Peppers peppers, CheckClock clock) {
    this.name = name;
    this.tail = tail;
    this.living = living;
    this.peppers = peppers;
    this.clock = clock;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("keyledger.node", () -> 1)
        .description("Always 1; the tag is the name of this node")
        .tag("node", name.value())
        .register(registry);
    Gauge.builder("keyledger.position.appended", tail, LogTail::head)
        .description("Position of the last event in the log, as last seen by this node")
        .register(registry);
    Gauge.builder("keyledger.position.applied", tail, LogTail::position)
        .description("Position of the last event that the index of this node contains")
        .register(registry);
    Gauge.builder("keyledger.lag.events", tail, t -> t.head() - t.position())
        .description("Events of the log that the index of this node does not contain yet")
        .register(registry);
    Gauge.builder("keyledger.lag", tail, t -> seconds(t.sinceContact()))
        .description("Time since this node last had contact to the log")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("keyledger.clock.ahead", clock, c -> seconds(c.aheadOfStore()))
        .description("How far this machine's clock is ahead of PostgreSQL's; negative if behind")
        .baseUnit("seconds")
        .register(registry);
    Gauge.builder("keyledger.clock.set.back", clock, c -> seconds(c.setBack()))
        .description("How far this machine's clock is behind the time that checks use")
        .baseUnit("seconds")
        .register(registry);
    FunctionCounter.builder("keyledger.thread.failures", this, _ -> SupervisedThread.failures())
        .description("Unexpected failures of this node's own threads, which then went on")
        .register(registry);
    for (int version : peppers.versions()) {
      Gauge.builder("keyledger.secrets", living, l -> l.under(version, clock.instant()))
          .description("Secrets that are valid or can become valid, by the version of their pepper")
          .tag("pepper", Integer.toString(version))
          .register(registry);
    }
  }

  /** Returns seconds. A long of nanoseconds could overflow if the clocks are far apart. */
  private static double seconds(Duration time) {
    return time.toSeconds() + time.toNanosPart() / NANOS_PER_SECOND;
  }
}
