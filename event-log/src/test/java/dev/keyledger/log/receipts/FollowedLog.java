package dev.keyledger.log.receipts;

import dev.keyledger.log.AppliedLog;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A node's progress, as set by the test. */
final class FollowedLog implements AppliedLog {
  volatile long position;
  volatile boolean caughtUp = true;
  volatile @Nullable String failure;

  FollowedLog(long position) {
    this.position = position;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public Instant asOf() {
    return Instant.EPOCH;
  }

  @Override
  public Instant storeClock() {
    return Instant.EPOCH;
  }

  @Override
  public Duration sinceContact() {
    return Duration.ZERO;
  }

  @Override
  public boolean caughtUpOnce() {
    return caughtUp;
  }

  @Override
  public Optional<String> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public boolean await(long awaited, Duration max) {
    long end = System.nanoTime() + max.toNanos();
    while (position < awaited && System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
    return position >= awaited;
  }

  @Override
  public boolean awaitTime(Instant time, Duration max) {
    return !asOf().isBefore(time);
  }
}
