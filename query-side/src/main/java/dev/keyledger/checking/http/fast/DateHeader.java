package dev.keyledger.checking.http.fast;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The value of the header {@code Date} (RFC 9110 section 6.6.1), written once a second. */
final class DateHeader {
  private record Written(long epochSecond, String text) {}

  private final InstantSource clock;
  private volatile Written last = new Written(Long.MIN_VALUE, "");

  DateHeader(InstantSource clock) {
    this.clock = clock;
  }

  String now() {
    Instant now = clock.instant();
    Written written = last;
    if (written.epochSecond != now.getEpochSecond()) {
      written =
          new Written(
              now.getEpochSecond(),
              DateTimeFormatter.RFC_1123_DATE_TIME.format(now.atOffset(ZoneOffset.UTC)));
      last = written;
    }
    return written.text;
  }
}
