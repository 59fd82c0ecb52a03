package dev.keyledger.http.arrival;

import java.time.Duration;

/**
 * The limits of requests whose bodies have not arrived in whole, on every port.
 *
 * @param bytes of all such bodies
 * @param bytesPerSource of all such bodies of one source
 * @param whole the longest time for a whole request to arrive
 * @param unhurried the time that a request has before {@link #BYTES_PER_SECOND_MIN} applies
 */
public record ArrivalLimits(long bytes, long bytesPerSource, Duration whole, Duration unhurried) {
  /** The minimum rate at which a request must arrive. */
  public static final int BYTES_PER_SECOND_MIN = 1024;

  public static final ArrivalLimits DEFAULT =
      new ArrivalLimits(
          32L * 1024 * 1024, 8L * 1024 * 1024, Duration.ofSeconds(30), Duration.ofSeconds(5));

  /**
   * Returns whether a request is too late, or has arrived too slowly so far.
   *
   * @param taken the time since its beginning
   * @param bytes the number of its bytes that have arrived
   */
  public boolean isTooSlow(Duration taken, long bytes) {
    long hurriedMillis = taken.minus(unhurried).toMillis();
    return taken.compareTo(whole) >= 0 || bytes * 1000 < hurriedMillis * BYTES_PER_SECOND_MIN;
  }
}
