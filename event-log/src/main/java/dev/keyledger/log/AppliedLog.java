package dev.keyledger.log;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The position up to which this node has applied the log, and the state of its connection to it.
 * Thread-safe. A thread that sees a position sees everything applied up to it.
 */
public interface AppliedLog {
  /** Returns the position of the last applied event. */
  long position();

  /**
   * Returns the latest time, by PostgreSQL's clock, up to which every event in the log is known to
   * have been applied; the epoch before the first such time.
   */
  Instant asOf();

  /**
   * Returns PostgreSQL's clock at that last contact. It may go backwards. The epoch before the
   * first one.
   */
  Instant storeClock();

  /**
   * Returns the time since this node asked for the last head of the log that it has applied, by
   * this machine's monotonic clock. While it applies a backlog, this time continues to grow.
   */
  Duration sinceContact();

  /** Returns whether the head seen at the first contact has been reached. */
  boolean caughtUpOnce();

  /**
   * Returns the failure that ended following the log; empty while it is followed. A failure is
   * permanent.
   */
  Optional<String> failure();

  /**
   * Waits until a position is applied.
   *
   * @param max the longest wait; zero or less does not wait
   * @return whether it is applied; false also if the log is no longer followed or the thread was
   *     interrupted, in which case its flag stays set
   */
  boolean await(long awaited, Duration max);

  /**
   * Waits until everything up to a time of the log is applied: until {@link #asOf} has reached it.
   *
   * @param max the longest wait; zero or less does not wait
   * @return whether it is applied; false also as in {@link #await}
   */
  boolean awaitTime(Instant time, Duration max);
}
