package dev.keyledger.delivery.webhook;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The header {@code Retry-After} (RFC 9110 section 10.2.3). */
final class RetryAfter {
  private static final Pattern SECONDS = Pattern.compile("[0-9]+");
  private static final int DIGITS_MAX = 9;

  /** The substitute for any number with more digits. */
  private static final Duration LONGEST = Duration.ofSeconds(999_999_999);

  private RetryAfter() {}

  /** Returns the pause in a value; null if it is absent, in the past or unreadable. */
  static @Nullable Duration parse(@Nullable String value, Instant now) {
    if (value == null) {
      return null;
    }
    String text = value.strip();
    if (SECONDS.matcher(text).matches()) {
      return text.length() > DIGITS_MAX ? LONGEST : Duration.ofSeconds(Long.parseLong(text));
    }
    try {
      Instant time = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      return time.isAfter(now) ? Duration.between(now, time) : null;
    } catch (DateTimeException unreadable) {
      return null;
    }
  }
}
