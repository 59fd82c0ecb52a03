package dev.keyledger.access;

import java.time.DateTimeException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a node without contact to the log continues to answer from what it knows.
 *
 * @param duration {@link #MIN} to {@link #MAX}
 */
public record MaxStaleness(Duration duration) {
  /** A lower value would take a node out of service for a short interruption. */
  public static final Duration MIN = Duration.ofSeconds(2);

  /** A higher value would delay revocations for longer than anybody expects. */
  public static final Duration MAX = Duration.ofHours(1);

  /** The value unless configured otherwise. */
  public static final Duration DEFAULT = Duration.ofMinutes(1);

  /**
   * @throws IllegalArgumentException if it is out of range
   */
  public MaxStaleness {
    if (duration.compareTo(MIN) < 0 || duration.compareTo(MAX) > 0) {
      throw new IllegalArgumentException(
          "keyledger.verification.max-staleness must be from %s to %s".formatted(MIN, MAX));
    }
  }

  /**
   * Parses the configured value.
   *
   * @param text an ISO 8601 duration; null or blank: the default
   * @throws IllegalArgumentException if it is not a duration or out of range
   */
  public static MaxStaleness parse(@Nullable String text) {
    if (text == null || text.isBlank()) {
      return new MaxStaleness(DEFAULT);
    }
    try {
      return new MaxStaleness(Duration.parse(text));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "keyledger.verification.max-staleness must be a duration such as PT30S", e);
    }
  }
}
