package dev.keyledger.projection;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Points in time as the tables hold them: microseconds since 1970. */
public final class Micros {
  private Micros() {}

  /**
   * Returns the first microsecond that is not before an instant: a whole microsecond is before the
   * instant exactly if it is before the result. The result is limited to the range of a long.
   */
  public static long atOrAfter(Instant instant) {
    Instant whole = instant.truncatedTo(ChronoUnit.MICROS);
    try {
      long micros = ChronoUnit.MICROS.between(Instant.EPOCH, whole);
      return whole.equals(instant) ? micros : micros + 1;
    } catch (ArithmeticException outside) {
      return instant.isBefore(Instant.EPOCH) ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }
}
