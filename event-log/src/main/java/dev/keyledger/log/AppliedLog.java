package dev.keyledger.log;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How far this node has applied the log, and how well it is in touch with it. Thread-safe; whoever
 * sees a position sees all that was applied before it.
 */
public interface AppliedLog {
  /** The position of the last event that was applied. */
  long position();

  /**
   * PostgreSQL's time at the last moment at which all that was in the log is known to have been
   * applied; the epoch before the first such moment.
   */
  Instant asOf();

  /**
   * What PostgreSQL's clock said when it was last heard, which may be less than before; the epoch
   * before the first time.
   */
  Instant storeClock();

  /** How long ago the log last answered, by this machine's steady clock. */
  Duration sinceContact();

  /** Whether the head that the log had at the first contact was reached. */
  boolean caughtUpOnce();

  /** Why the log is followed no longer, for good; empty while it is. */
  Optional<String> failure();

  /**
   * Waits until that position is applied.
   *
   * @param max how long; zero or less only looks
   * @return whether it is; false also if the log is followed no longer, or the thread was
   *     interrupted, whose flag stays set
   */
  boolean await(long awaited, Duration max);
}
