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
 * The clock for checks of keys. Its time is the latest of three: the time of this machine's clock,
 * its time at the start plus the time that has elapsed on the monotonic clock, and the last time
 * received from PostgreSQL. If either clock is set back, no expired key becomes valid again.
 * Thread-safe.
 */
public final class CheckClock implements InstantSource {
  /** The smallest setback that is logged. Clock adjustment causes smaller ones all the time. */
  public static final Duration SET_BACK_LOGGED_MIN = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(CheckClock.class);

  private final InstantSource machine;
  private final LongSupplier steadyNanos;
  private final AppliedLog log;
  private final Instant start;
  private final long startNanos;
  private final AtomicBoolean logged = new AtomicBoolean();

  /** Creates the clock of a process that starts now. */
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
    logSetBack(Duration.between(now, floor));
    return floor;
  }

  /** Returns the delay of this machine's clock behind this one; zero if there is none. */
  public Duration setBack() {
    Duration behind = Duration.between(machine.instant(), later(steady(), log.storeClock()));
    return behind.isNegative() ? Duration.ZERO : behind;
  }

  /** Returns the lead of this machine's clock over PostgreSQL's; negative if behind. */
  public Duration aheadOfStore() {
    return Duration.between(log.storeClock().plus(log.sinceContact()), machine.instant());
  }

  private Instant steady() {
    return start.plusNanos(steadyNanos.getAsLong() - startNanos);
  }

  /** Logs a setback once, because there are many checks. */
  private void logSetBack(Duration behind) {
    if (behind.compareTo(SET_BACK_LOGGED_MIN) > 0 && !logged.get() && !logged.getAndSet(true)) {
      LOG.warn(
          "this machine's clock is {} behind its own earlier time or PostgreSQL's. Keys are checked at"
              + " the later time; correct the clock.",
          behind);
    }
  }

  private static Instant later(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }
}
