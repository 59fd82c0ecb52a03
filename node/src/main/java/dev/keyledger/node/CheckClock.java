package dev.keyledger.node;

import dev.keyledger.log.AppliedLog;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time for which keys are checked: the latest of what this machine's clock says, what it said
 * at the start plus what has passed since by the steady clock, and what PostgreSQL's clock said
 * when it was last heard. So a clock that is set back, here or there, brings no expired key back to
 * life. Thread-safe.
 */
public final class CheckClock implements InstantSource {
  /** Less is what adjusted clocks do all the time. */
  public static final Duration SET_BACK_TOLD = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(CheckClock.class);

  private final InstantSource machine;
  private final LongSupplier steadyNanos;
  private final AppliedLog log;
  private final Instant start;
  private final long startNanos;
  private final AtomicBoolean told = new AtomicBoolean();

  /** The clock of a process that starts now. */
  public CheckClock(InstantSource machine, AppliedLog log) {
    this(machine, System::nanoTime, log);
  }

  CheckClock(InstantSource machine, LongSupplier steadyNanos, AppliedLog log) {
    this.machine = machine;
    this.steadyNanos = steadyNanos;
    this.log = log;
    this.startNanos = steadyNanos.getAsLong();
    this.start = machine.instant();
  }

  @Override
  public Instant instant() {
    Instant now = machine.instant();
    Instant floor = later(steady(), log.storeClock());
    if (!now.isBefore(floor)) {
      return now;
    }
    tellOf(Duration.between(now, floor));
    return floor;
  }

  /** How far this machine's clock is behind the time for which keys are checked; zero if not. */
  public Duration setBack() {
    Duration behind = Duration.between(machine.instant(), later(steady(), log.storeClock()));
    return behind.isNegative() ? Duration.ZERO : behind;
  }

  /** How far this machine's clock is ahead of PostgreSQL's, as last heard; negative: behind. */
  public Duration aheadOfStore() {
    return Duration.between(log.storeClock().plus(log.sinceContact()), machine.instant());
  }

  private Instant steady() {
    return start.plusNanos(steadyNanos.getAsLong() - startNanos);
  }

  /** Once: a clock that is set back is an event, and checks are many. */
  private void tellOf(Duration behind) {
    if (behind.compareTo(SET_BACK_TOLD) > 0 && !told.get() && !told.getAndSet(true)) {
      LOG.warn(
          "this machine's clock is {} behind what it, or PostgreSQL's, has been; keys are checked for"
              + " the later time",
          behind);
    }
  }

  private static Instant later(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }
}
