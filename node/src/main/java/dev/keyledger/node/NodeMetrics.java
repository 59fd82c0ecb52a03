package dev.keyledger.node;

import dev.keyledger.events.KeyStatus;
import dev.keyledger.log.ConnectionPool;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.receipts.NodeName;
import dev.keyledger.supervision.SupervisedThread;
import dev.keyledger.verification.index.KeyNumbers;
import dev.keyledger.verification.secret.Peppers;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.util.Objects;

/** Metrics of this node: its build, its index and the keys in it, its clock and its pools. */
final class NodeMetrics implements MeterBinder {
  private static final double NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

  private final NodeName name;
  private final LedgerDatabase database;
  private final LogTail tail;
  private final KeyNumbers numbers;
  private final Peppers peppers;
  private final CheckClock clock;

  NodeMetrics(
      NodeName name,
      LedgerDatabase database,
      LogTail tail,
      KeyNumbers numbers,
      Peppers peppers,
      CheckClock clock) {
    this.name = name;
    this.database = database;
    this.tail = tail;
    this.numbers = numbers;
    this.peppers = peppers;
    this.clock = clock;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Gauge.builder("keyledger.node", () -> 1)
        .description("Always 1; the tag is the name of this node")
        .tag("node", name.value())
        .register(registry);
    Gauge.builder("keyledger.build.info", () -> 1)
        .description("Always 1; the tags are the version of this node and of its Java")
        .tag("version", version())
        .tag("java", Runtime.version().toString())
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
    bindKeysTo(registry);
    database.pools().forEach(pool -> bindTo(registry, pool));
  }

  private void bindKeysTo(MeterRegistry registry) {
    for (int version : peppers.versions()) {
      Gauge.builder("keyledger.secrets", numbers, n -> n.secretsUnder(version, clock.instant()))
          .description("Secrets that are valid or can become valid, by the version of their pepper")
          .tag("pepper", Integer.toString(version))
          .register(registry);
    }
    for (KeyStatus status : KeyStatus.values()) {
      Gauge.builder("keyledger.keys", numbers, n -> n.keysWith(status, clock.instant()))
          .description("Keys by their status")
          .tag("status", status.toString())
          .register(registry);
    }
    for (Duration within : KeyNumbers.SOON) {
      Gauge.builder(
              "keyledger.keys.expiring", numbers, n -> n.keysExpiring(within, clock.instant()))
          .description("Keys that expire within a time and are not revoked until then")
          .tag("within", "P" + within.toDays() + "D")
          .register(registry);
    }
  }

  private static void bindTo(MeterRegistry registry, ConnectionPool pool) {
    Gauge.builder("keyledger.pool.max", pool, ConnectionPool::connectionsMax)
        .description("Connections to PostgreSQL that a pool may have")
        .tag("pool", pool.name())
        .strongReference(true)
        .register(registry);
    Gauge.builder("keyledger.pool.used", pool, ConnectionPool::used)
        .description("Connections to PostgreSQL that are in use")
        .tag("pool", pool.name())
        .strongReference(true)
        .register(registry);
    Gauge.builder("keyledger.pool.waiting", pool, ConnectionPool::waiting)
        .description("Threads that wait for a connection to PostgreSQL")
        .tag("pool", pool.name())
        .strongReference(true)
        .register(registry);
  }

  private static String version() {
    return Objects.requireNonNullElse(
        NodeMetrics.class.getPackage().getImplementationVersion(), "(not packaged)");
  }

  /** Returns seconds. A long of nanoseconds could overflow if the clocks are far apart. */
  private static double seconds(Duration time) {
    return time.toSeconds() + time.toNanosPart() / NANOS_PER_SECOND;
  }
}
