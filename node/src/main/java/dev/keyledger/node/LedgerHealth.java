package dev.keyledger.node;

import dev.keyledger.access.MaxStaleness;
import dev.keyledger.log.AppliedLog;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.receipts.Lease;
import dev.keyledger.log.receipts.NodeName;
import dev.keyledger.supervision.SupervisedThread;
import dev.keyledger.verification.index.KeyNumbers;
import java.time.Duration;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * The readiness of this node. It is up if all these conditions are met:
 *
 * <ul>
 *   <li>The index has reached the head that the log had at the start, follows the log, and had
 *       applied all of it recently.
 *   <li>No pepper that a living key needs is missing.
 *   <li>A node that answers checks has a lease.
 *   <li>A node that executes commands accepts appends.
 *   <li>No essential thread has died.
 *   <li>The clock agrees with PostgreSQL's. On a node without commands it may be behind: {@link
 *       CheckClock} corrects that, and the reading of the difference is too low by the time that
 *       PostgreSQL took to respond.
 * </ul>
 */
@Component("ledger")
final class LedgerHealth implements HealthIndicator {
  private final AppliedLog log;
  private final KeyNumbers numbers;
  private final MaxStaleness maxStaleness;
  private final CheckClock clock;
  private final NodeName name;
  private final ObjectProvider<Lease> lease;
  private final ObjectProvider<LogAppender> appender;

  /**
   * @param lease absent on a node that answers no checks
   * @param appender absent on a node that executes no commands
   */
  LedgerHealth(
      AppliedLog log,
      KeyNumbers numbers,
      MaxStaleness maxStaleness,
      CheckClock clock,
      NodeName name,
      ObjectProvider<Lease> lease,
      ObjectProvider<LogAppender> appender) {
    this.log = log;
    this.numbers = numbers;
    this.maxStaleness = maxStaleness;
    this.clock = clock;
    this.name = name;
    this.lease = lease;
    this.appender = appender;
  }

  @Override
  public Health health() {
    Set<Integer> missingPeppers = numbers.missingPeppers(clock.instant());
    boolean inTouch = log.sinceContact().compareTo(maxStaleness.duration()) <= 0;
    Lease needed = lease.getIfAvailable();
    boolean hasLease = needed == null || needed.term() != Lease.NONE;
    LogAppender writer = appender.getIfAvailable();
    boolean canAppend = writer == null || writer.isOpen();
    Set<String> deadThreads = SupervisedThread.dead();
    Duration ahead = clock.aheadOfStore();
    boolean wrongClock =
        writer == null
            ? inTouch && ahead.compareTo(LogAppender.CLOCK_DIFFERENCE_MAX) > 0
            : writer.clockDiffers();
    boolean good =
        log.caughtUpOnce()
            && inTouch
            && log.failure().isEmpty()
            && missingPeppers.isEmpty()
            && hasLease
            && canAppend
            && deadThreads.isEmpty()
            && !wrongClock;
    Health.Builder health = good ? Health.up() : Health.down();
    log.failure().ifPresent(failure -> health.withDetail("failure", failure));
    if (!missingPeppers.isEmpty()) {
      health.withDetail("missingPeppers", missingPeppers);
    }
    if (!hasLease) {
      health.withDetail("lease", "none");
    }
    if (!canAppend) {
      health.withDetail("appender", "closed");
    }
    if (!deadThreads.isEmpty()) {
      health.withDetail("deadThreads", deadThreads);
    }
    if (wrongClock || (inTouch && ahead.abs().compareTo(LogAppender.CLOCK_DIFFERENCE_MAX) > 0)) {
      health.withDetail("clockAheadMillis", ahead.toMillis());
    }
    return health
        .withDetail("node", name.value())
        .withDetail("position", log.position())
        .withDetail("millisSinceContact", log.sinceContact().toMillis())
        .build();
  }
}
