package dev.keyledger.http;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses and formats durations of the contract: ISO 8601 with weeks, days and time, which have the
 * same length on every calendar. (The JDK does not parse weeks and prints thirty days as 720
 * hours.)
 */
public final class IsoDuration {
  private static final Pattern FORM =
      Pattern.compile(
          "P(?:(\\d{1,18})W)?(?:(\\d{1,18})D)?"
              + "(T(?:(\\d{1,18})H)?(?:(\\d{1,18})M)?(?:(\\d{1,18})(?:\\.(\\d{1,9}))?S)?)?");
  private static final int WEEKS = 1;
  private static final int DAYS = 2;
  private static final int TIME = 3;
  private static final int HOURS = 4;
  private static final int MINUTES = 5;
  private static final int SECONDS = 6;
  private static final int FRACTION = 7;
  private static final int NANO_DIGITS = 9;

  private IsoDuration() {}

  /**
   * Returns the duration, 0 or longer.
   *
   * @throws IllegalArgumentException if the text is malformed or overflows a duration
   */
  public static Duration parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches() || text.endsWith("P") || "T".equals(form.group(TIME))) {
      throw notADuration();
    }
    try {
      long days = Math.addExact(Math.multiplyExact(part(form, WEEKS), 7), part(form, DAYS));
      return Duration.ofDays(days)
          .plus(Duration.ofHours(part(form, HOURS)))
          .plus(Duration.ofMinutes(part(form, MINUTES)))
          .plusSeconds(part(form, SECONDS))
          .plusNanos(nanos(form.group(FRACTION)));
    } catch (ArithmeticException tooLong) {
      throw notADuration();
    }
  }

  /** Returns the shortest text of a duration: {@code P30D}, {@code P1DT2H}, {@code PT0S}. */
  public static String format(Duration duration) {
    long days = duration.toDays();
    Duration time = duration.minusDays(days);
    if (days == 0) {
      return time.toString();
    }
    String date = "P" + days + "D";
    return time.isZero() ? date : date + time.toString().substring(1);
  }

  private static long part(Matcher form, int group) {
    String digits = form.group(group);
    return digits == null ? 0 : Long.parseLong(digits);
  }

  private static long nanos(String fraction) {
    return fraction == null
        ? 0
        : Long.parseLong(fraction + "0".repeat(NANO_DIGITS - fraction.length()));
  }

  private static IllegalArgumentException notADuration() {
    return new IllegalArgumentException(
        "must be an ISO 8601 duration of weeks, days and time, such as P30D or PT1H");
  }
}
