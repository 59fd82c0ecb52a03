package dev.keyledger.node;

import dev.keyledger.access.MaxStaleness;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.receipts.Lease;
import dev.keyledger.log.receipts.NodeName;
import dev.keyledger.verification.KeyVerifier;
import java.time.Duration;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * The readiness of this node. It is up if the index has reached the head that the log had at the
 * start, follows the log and had contact to it recently, if no pepper that a living key needs is
 * missing, and if a node that answers checks has a lease.
 */
@Component("ledger")
final class LedgerHealth implements HealthIndicator {
  /** The smallest difference that is reported: from there on a command node rejects commands. */
  private static final Duration CLOCK_DIFFERENCE_REPORTED_MIN = Duration.ofSeconds(1);

  private final LogTail tail;
  private final KeyVerifier verifier;
  private final MaxStaleness maxStaleness;
  private final CheckClock clock;
  private final NodeName name;
  private final ObjectProvider<Lease> lease;

  /**
   * @param lease absent on a node that answers no checks
   */
  LedgerHealth(
      LogTail tail,
      KeyVerifier verifier,
      MaxStaleness maxStaleness,
      CheckClock clock,
      NodeName name,
      ObjectProvider<Lease> lease) {
    this.tail = tail;
    this.verifier = verifier;
    this.maxStaleness = maxStaleness;
    this.clock = clock;
    this.name = name;
    this.lease = lease;
  }

  @Override
  public Health health() {
    Set<Integer> missingPeppers = verifier.missingPeppers(clock.instant());
    boolean inTouch = tail.sinceContact().compareTo(maxStaleness.duration()) <= 0;
    Lease needed = lease.getIfAvailable();
    boolean hasLease = needed == null || needed.term() != Lease.NONE;
    boolean good =
        tail.caughtUpOnce()
            && inTouch
            && tail.failure().isEmpty()
            && missingPeppers.isEmpty()
            && hasLease;
    Health.Builder health = good ? Health.up() : Health.down();
    tail.failure().ifPresent(failure -> health.withDetail("failure", failure));
    if (!missingPeppers.isEmpty()) {
      health.withDetail("missingPeppers", missingPeppers);
    }
    if (!hasLease) {
      health.withDetail("lease", "none");
    }
    Duration ahead = clock.aheadOfStore();
    if (inTouch && ahead.abs().compareTo(CLOCK_DIFFERENCE_REPORTED_MIN) > 0) {
      health.withDetail("clockAheadMillis", ahead.toMillis());
    }
    return health
        .withDetail("node", name.value())
        .withDetail("position", tail.position())
        .withDetail("millisSinceContact", tail.sinceContact().toMillis())
        .build();
  }
}
