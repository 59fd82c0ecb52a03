package dev.keyledger.access;

import java.time.Duration;

/**
 * The longest time for which a node without contact to the log continues to answer.
 *
 * @param duration {@link #MIN} to {@link #MAX}
 */
public record MaxStaleness(Duration duration) {
  /**
   * The shortest duration. A shorter one would take a node out of service for a brief interruption.
   */
  public static final Duration MIN = Duration.ofSeconds(2);

  /** The longest duration. A longer one would delay revocations for longer than anybody expects. */
  public static final Duration MAX = Duration.ofHours(1);

  /**
   * @throws IllegalArgumentException if it is out of range
   */
  public MaxStaleness {
    if (duration.compareTo(MIN) < 0 || duration.compareTo(MAX) > 0) {
      throw new IllegalArgumentException(
          "KEYLEDGER_VERIFICATION_MAX_STALENESS must be from %s to %s".formatted(MIN, MAX));
    }
  }
}
