package dev.keyledger.access.http;

import dev.keyledger.access.MaxStaleness;
import dev.keyledger.log.LogTail;
import dev.keyledger.verification.KeyVerifier;
import java.time.InstantSource;
import java.util.Set;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * Whether this node's index has reached the log's head as it was at start, still follows, has heard
 * of it lately, and has the peppers that living keys need.
 */
@Component("ledger")
final class LedgerHealth implements HealthIndicator {
  private final LogTail tail;
  private final KeyVerifier verifier;
  private final MaxStaleness maxStaleness;
  private final InstantSource clock;

  LedgerHealth(LogTail tail, KeyVerifier verifier, MaxStaleness maxStaleness, InstantSource clock) {
    this.tail = tail;
    this.verifier = verifier;
    this.maxStaleness = maxStaleness;
    this.clock = clock;
  }

  @Override
  public Health health() {
    Set<Integer> missingPeppers = verifier.missingPeppers(clock.instant());
    boolean inTouch = tail.sinceContact().compareTo(maxStaleness.duration()) <= 0;
    boolean good =
        tail.caughtUpOnce() && inTouch && tail.failure().isEmpty() && missingPeppers.isEmpty();
    Health.Builder health = good ? Health.up() : Health.down();
    tail.failure().ifPresent(failure -> health.withDetail("failure", failure));
    if (!missingPeppers.isEmpty()) {
      health.withDetail("missingPeppers", missingPeppers);
    }
    return health
        .withDetail("position", tail.position())
        .withDetail("millisSinceContact", tail.sinceContact().toMillis())
        .build();
  }
}
