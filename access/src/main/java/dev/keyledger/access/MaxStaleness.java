package dev.keyledger.access;

import java.time.DateTimeException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a node that hears nothing of the log goes on as if it knew it.
 *
 * @param duration {@link #MIN} to {@link #MAX}
 */
public record MaxStaleness(Duration duration) {
  /** Less would take a node out of service for a hiccup. */
  public static final Duration MIN = Duration.ofSeconds(2);

  /** More would be a revocation that is not in force for longer than anybody expects. */
  public static final Duration MAX = Duration.ofHours(1);

  /** Unless something else is said. */
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
   * What a user has set.
   *
   * @param text an ISO 8601 duration; null: nothing
   * @throws IllegalArgumentException if it is none or out of range
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
