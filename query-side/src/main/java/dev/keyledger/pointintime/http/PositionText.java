package dev.keyledger.pointintime.http;

import java.util.regex.Pattern;

/** Positions as the parameters of a query spell them. */
public final class PositionText {
  private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,17}");

  private PositionText() {}

  /**
   * The position of an event.
   *
   * @throws IllegalArgumentException if the text is no number, or 0
   */
  public static Long position(String text) {
    Long position = positionOrZero(text);
    if (position == 0) {
      throw new IllegalArgumentException("must be 1 or more");
    }
    return position;
  }

  /**
   * The position of an event, or 0 for what is before the first.
   *
   * @throws IllegalArgumentException if the text is no number
   */
  public static Long positionOrZero(String text) {
    if (!NUMBER.matcher(text).matches()) {
      throw new IllegalArgumentException("must be a number of at most 18 digits");
    }
    return Long.valueOf(text);
  }
}
