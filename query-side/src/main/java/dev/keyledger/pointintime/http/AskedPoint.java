package dev.keyledger.pointintime.http;

import dev.keyledger.http.ProblemException;
import dev.keyledger.http.StrictJson;
import dev.keyledger.http.request.ApiCall;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The point that a request names: by a time or by a position, never by both. */
public sealed interface AskedPoint {
  /** The parameter, or field, that names a time. */
  String TIME = "time";

  /** The parameter, or field, that names a position. */
  String POSITION = "position";

  /** After the last event whose time is not later. */
  record AtTime(Instant time) implements AskedPoint {}

  /** After the event of that position. */
  record AtPosition(long position) implements AskedPoint {}

  /**
   * The point that is named.
   *
   * @throws IllegalArgumentException if not exactly one of them is given
   */
  static AskedPoint of(@Nullable Instant time, @Nullable Long position) {
    if (time != null && position == null) {
      return new AtTime(time);
    }
    if (position != null && time == null) {
      return new AtPosition(position);
    }
    throw new IllegalArgumentException("or position must be given, and not both");
  }

  /** The point that the query of a request names. */
  static AskedPoint of(ApiCall call) {
    try {
      return of(
          call.query(TIME, StrictJson::instant), call.query(POSITION, PositionText::position));
    } catch (IllegalArgumentException neitherOrBoth) {
      throw ProblemException.unreadable(TIME, String.valueOf(neitherOrBoth.getMessage()));
    }
  }
}
