package dev.keyledger.node;

import dev.keyledger.log.AppliedLog;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A log that a node has applied, unless a test says otherwise. */
final class FakeLog implements AppliedLog {
  Instant storeClock;
  Duration sinceContact = Duration.ZERO;
  boolean caughtUpOnce = true;
  @Nullable String failure;

  FakeLog(Instant storeClock) {
    this.storeClock = storeClock;
  }

  @Override
  public long position() {
    return 0;
  }

  @Override
  public Instant asOf() {
    return storeClock;
  }

  @Override
  public Instant storeClock() {
    return storeClock;
  }

  @Override
  public Duration sinceContact() {
    return sinceContact;
  }

  @Override
  public boolean caughtUpOnce() {
    return caughtUpOnce;
  }

  @Override
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public boolean await(long awaited, Duration max) {
    return true;
  }

  @Override
  public boolean awaitTime(Instant time, Duration max) {
    return !asOf().isBefore(time);
  }
}
