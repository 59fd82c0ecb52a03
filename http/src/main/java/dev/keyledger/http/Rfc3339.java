package dev.keyledger.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses times of the contract: RFC 3339 with any offset. The JDK's own parsers move {@code
 * 24:00:00} to the next day and second 60 to the second before it, and reject offsets beyond 18
 * hours.
 */
public final class Rfc3339 {
  private static final Pattern FORM =
      Pattern.compile(
          "(\\d{4})-(\\d{2})-(\\d{2})[Tt](\\d{2}):(\\d{2}):(\\d{2})(?:\\.(\\d{1,9}))?"
              + "(?:[Zz]|([+-])([01]\\d|2[0-3]):([0-5]\\d))");
  private static final int FRACTION = 7;
  private static final int SIGN = 8;
  private static final int OFFSET_HOURS = 9;
  private static final int OFFSET_MINUTES = 10;
  private static final int NANO_DIGITS = 9;
  private static final Instant MIN = Instant.parse("0000-01-01T00:00:00Z");
  private static final Instant MAX = Instant.parse("9999-12-31T23:59:59.999999999Z");

  private Rfc3339() {}

  /**
   * Returns the instant in a text.
   *
   * @throws IllegalArgumentException if the text is malformed, or not a time of the years 0000 to
   *     9999 in UTC
   */
  public static Instant parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "must be an RFC 3339 time, such as 2027-01-31T12:00:00Z or 2027-01-31T14:00:00+02:00");
    }
    try {
      Instant instant = local(form).toInstant(ZoneOffset.UTC).minusSeconds(offsetSeconds(form));
      if (!instant.isBefore(MIN) && !instant.isAfter(MAX)) {
        return instant;
      }
    } catch (DateTimeException noSuchTime) {
      // falls through to the one refusal
    }
    throw new IllegalArgumentException("must be a time that exists");
  }

  /**
   * Returns the instant in a query parameter. A plus sign that the client did not encode arrives as
   * a space.
   *
   * @throws IllegalArgumentException as {@link #parse}
   */
  public static Instant parseParameter(String text) {
    return parse(text.replace(' ', '+'));
  }

  private static LocalDateTime local(Matcher form) {
    return LocalDateTime.of(
        number(form, 1),
        number(form, 2),
        number(form, 3),
        number(form, 4),
        number(form, 5),
        number(form, 6),
        nanos(form.group(FRACTION)));
  }

  private static int number(Matcher form, int group) {
    return Integer.parseInt(form.group(group));
  }

  private static int nanos(String fraction) {
    return fraction == null
        ? 0
        : Integer.parseInt(fraction + "0".repeat(NANO_DIGITS - fraction.length()));
  }

  private static int offsetSeconds(Matcher form) {
    String sign = form.group(SIGN);
    if (sign == null) {
      return 0;
    }
    int seconds = number(form, OFFSET_HOURS) * 3600 + number(form, OFFSET_MINUTES) * 60;
    return sign.equals("-") ? -seconds : seconds;
  }
}
