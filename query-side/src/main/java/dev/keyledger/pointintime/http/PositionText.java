package dev.keyledger.pointintime.http;

import java.util.regex.Pattern;

/** Parses positions in query parameters. */
public final class PositionText {
  private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,17}");

  private PositionText() {}

  /**
   * Parses the position of an event.
   *
   * @throws IllegalArgumentException if the text is not a number, or is 0
   */
  public static Long position(String text) {
    Long position = positionOrZero(text);
    if (position == 0) {
      throw new IllegalArgumentException("must be 1 or more");
    }
    return position;
  }

  /**
   * Parses the position of an event, or 0 for the point before the first one.
   *
   * @throws IllegalArgumentException if the text is not a number
   */
  public static Long positionOrZero(String text) {
    if (!NUMBER.matcher(text).matches()) {
      throw new IllegalArgumentException("must be a number of at most 18 digits");
    }
    return Long.valueOf(text);
  }
}
