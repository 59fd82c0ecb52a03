package dev.keyledger.access.http;

import dev.keyledger.log.LogTail;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Whether this node's index has reached the log's head as it was at start, and still follows. */
@Component("ledger")
final class LedgerHealth implements HealthIndicator {
  private final LogTail tail;

  LedgerHealth(LogTail tail) {
    this.tail = tail;
  }

  @Override
  public Health health() {
    Health.Builder health =
        tail.caughtUpOnce() && tail.failure().isEmpty() ? Health.up() : Health.down();
    tail.failure().ifPresent(failure -> health.withDetail("failure", failure));
    return health
        .withDetail("position", tail.position())
        .withDetail("millisSinceContact", tail.sinceContact().toMillis())
        .build();
  }
}
