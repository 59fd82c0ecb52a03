package dev.keyledger.checking.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.time.Instant;

/**
 * Writes times in the form of {@link Instant#toString}, without a formatter, whose cost is a large
 * part of a check.
 */
final class UtcText {
  /** The maximum length of a text. */
  static final int BYTES_MAX = "9999-12-31T23:59:59.999999999Z".length();

  /** The first second of the year 0000. */
  static final long SECONDS_MIN = -62_167_219_200L;

  /** The last second of the year 9999. */
  static final long SECONDS_MAX = 253_402_300_799L;

  private static final int SECONDS_OF_DAY = 86_400;
  private static final int DAYS_OF_ERA = 146_097;
  private static final int DAYS_FROM_ERA_TO_1970 = 719_468;

  private UtcText() {}

  /** Returns the text, with 0, 3, 6 or 9 digits after the second, as the time needs. */
  static String of(Instant time) {
    if (!hasFourDigitYear(time)) {
      return time.toString();
    }
    byte[] text = new byte[BYTES_MAX];
    return new String(text, 0, write(time, text, 0), ISO_8859_1);
  }

  /** Returns whether the year has four digits. */
  static boolean hasFourDigitYear(Instant time) {
    return time.getEpochSecond() >= SECONDS_MIN && time.getEpochSecond() <= SECONDS_MAX;
  }

  /**
   * Writes a time whose year has four digits.
   *
   * @return the end of the text, exclusive
   */
  static int write(Instant time, byte[] text, int from) {
    int at = writeDate(Math.floorDiv(time.getEpochSecond(), SECONDS_OF_DAY), text, from);
    int second = Math.floorMod(time.getEpochSecond(), SECONDS_OF_DAY);
    text[at] = 'T';
    digits(second / 3600, 2, text, at + 1);
    text[at + 3] = ':';
    digits(second / 60 % 60, 2, text, at + 4);
    text[at + 6] = ':';
    digits(second % 60, 2, text, at + 7);
    at = writeFraction(time.getNano(), text, at + 9);
    text[at] = 'Z';
    return at + 1;
  }

  /** Writes the civil date of a day, by eras of 400 years that begin in March. */
  private static int writeDate(long epochDay, byte[] text, int from) {
    int day = (int) epochDay + DAYS_FROM_ERA_TO_1970;
    int era = Math.floorDiv(day, DAYS_OF_ERA);
    int dayOfEra = day - era * DAYS_OF_ERA;
    int yearOfEra =
        (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / (DAYS_OF_ERA - 1)) / 365;
    int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int monthFromMarch = (5 * dayOfYear + 2) / 153;
    int month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
    digits(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4, text, from);
    text[from + 4] = '-';
    digits(month, 2, text, from + 5);
    text[from + 7] = '-';
    digits(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, 2, text, from + 8);
    return from + 10;
  }

  private static int writeFraction(int nanos, byte[] text, int from) {
    if (nanos == 0) {
      return from;
    }
    text[from] = '.';
    int count = nanos % 1_000_000 == 0 ? 3 : nanos % 1000 == 0 ? 6 : 9;
    digits(
        count == 3 ? nanos / 1_000_000 : count == 6 ? nanos / 1000 : nanos, count, text, from + 1);
    return from + 1 + count;
  }

  private static void digits(int number, int count, byte[] text, int from) {
    int rest = number;
    for (int i = from + count - 1; i >= from; i--) {
      text[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }
}
