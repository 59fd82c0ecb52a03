package dev.keyledger.client;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The position of the feed and its age in the service's time. The service's clock and this
 * machine's are never compared.
 *
 * <p>The service's time is estimated from the answers and heartbeats that came with the least
 * delay. So the age includes the delay of a heartbeat and the lag of a node. The estimate drifts by
 * a thousandth, so that it follows clocks of different speeds.
 *
 * <p>Writers hold the lock; readers see one consistent {@link Reading}.
 */
final class FeedClock {
  private static final long GIVES_WAY = 1000;

  private volatile Reading reading = Reading.NONE;

  /**
   * A snapshot of the feed's state.
   *
   * @param live whether the feed is connected and has sent a position since
   * @param position every event up to it has arrived
   * @param asOf every event up to that time has arrived; nanoseconds since 1970
   * @param offset the service's time minus this machine's nanoseconds
   * @param offsetNanos the time of the offset's measurement
   */
  record Reading(boolean live, long position, long asOf, @Nullable Long offset, long offsetNanos) {
    private static final Reading NONE = new Reading(false, -1, 0, null, 0);

    /** Returns the service's time, at least nearly; nanoseconds since 1970. */
    long now(long nanos) {
      return nanos + offsetAt(nanos);
    }

    /** Returns for how long something may have happened without being heard. */
    Duration age(long nanos) {
      return offset == null
          ? Duration.ofNanos(Long.MAX_VALUE)
          : Duration.ofNanos(now(nanos) - asOf);
    }

    boolean isFresh(long nanos, Duration max) {
      return live && offset != null && now(nanos) - asOf <= max.toNanos();
    }

    private long offsetAt(long nanos) {
      return offset == null ? 0 : offset - (nanos - offsetNanos) / GIVES_WAY;
    }

    private Reading observed(long time, long nanos) {
      return offset != null && time - nanos < offsetAt(nanos)
          ? this
          : new Reading(live, position, asOf, time - nanos, nanos);
    }
  }

  /** Returns the current reading. */
  Reading reading() {
    return reading;
  }

  /** Resets the clock, because another feed begins. */
  synchronized void reset() {
    reading = Reading.NONE;
  }

  /** Processes an event. */
  synchronized void event(long position) {
    Reading known = reading;
    reading =
        new Reading(
            known.live,
            Math.max(position, known.position),
            known.asOf,
            known.offset,
            known.offsetNanos);
  }

  /** Processes a heartbeat: all events up to a position and a time have arrived. */
  synchronized void heartbeat(long position, Instant asOf, long nanos) {
    long time = Math.max(nanosOf(asOf), reading.asOf);
    Reading known = reading.observed(time, nanos);
    reading =
        new Reading(
            true, Math.max(position, known.position), time, known.offset, known.offsetNanos);
  }

  /** Processes an answer, whose time is now, or a little before, for the service. */
  synchronized void answer(Instant asOf, long nanos) {
    reading = reading.observed(nanosOf(asOf), nanos);
  }

  /** Called when the feed is lost. */
  synchronized void lost() {
    Reading known = reading;
    reading = new Reading(false, known.position, known.asOf, known.offset, known.offsetNanos);
  }

  static Instant instantOf(long nanos) {
    return Instant.EPOCH.plusNanos(nanos);
  }

  private static long nanosOf(Instant time) {
    return TimeUnit.SECONDS.toNanos(time.getEpochSecond()) + time.getNano();
  }
}
