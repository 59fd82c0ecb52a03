package dev.keyledger.pointintime.http;

import dev.keyledger.http.ProblemException;
import dev.keyledger.http.Rfc3339;
import dev.keyledger.http.request.ApiCall;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The point that a request names, by either a time or a position. */
public sealed interface RequestedPoint {
  /** The name of the parameter or field for a time. */
  String TIME = "time";

  /** The name of the parameter or field for a position. */
  String POSITION = "position";

  /**
   * The point after the last event that is not later than a time.
   *
   * @param name the name of the parameter or field
   */
  record AtTime(Instant time, String name) implements RequestedPoint {}

  /** The point after the event at a position. */
  record AtPosition(long position) implements RequestedPoint {}

  /**
   * Returns the named point.
   *
   * @throws IllegalArgumentException unless exactly one of the two is given
   */
  static RequestedPoint of(@Nullable Instant time, @Nullable Long position) {
    if (time != null && position == null) {
      return new AtTime(time, TIME);
    }
    if (position != null && time == null) {
      return new AtPosition(position);
    }
    throw new IllegalArgumentException("or position must be given, and not both");
  }

  /** Returns the point that the query of a request names. */
  static RequestedPoint of(ApiCall call) {
    try {
      return of(
          call.query(TIME, Rfc3339::parseParameter), call.query(POSITION, PositionText::position));
    } catch (IllegalArgumentException neitherOrBoth) {
      throw ProblemException.unreadable(TIME, String.valueOf(neitherOrBoth.getMessage()));
    }
  }
}
