package dev.keyledger.lifecycle;

import java.util.Set;

/**
 * The display name of a key; not personal data. A name has no invisible characters and none that
 * change the direction of the text around it, so that it cannot disguise an entry of a list.
 *
 * @param value 1 to {@value #LENGTH_MAX} characters (code points), not blank, without control
 *     characters, zero-width characters and bidirectional controls
 */
public record KeyName(String value) {
  /** The maximum number of characters of a name. */
  public static final int LENGTH_MAX = 100;

  /** Format characters include the zero-width ones and the bidirectional controls. */
  private static final Set<Integer> INVISIBLE_TYPES =
      Set.of(
          (int) Character.CONTROL,
          (int) Character.FORMAT,
          (int) Character.LINE_SEPARATOR,
          (int) Character.PARAGRAPH_SEPARATOR);

  /** Invisible characters of other types: a joiner, blank vowels, fillers. */
  private static final String INVISIBLE =
      "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0";

  private static final int EMPTY_BRAILLE = 0x2800;
  private static final int VARIATION_SELECTOR_1 = 0xfe00;
  private static final int VARIATION_SELECTOR_16 = 0xfe0f;

  /**
   * @throws IllegalArgumentException if the value is outside its limits
   */
  public KeyName {
    int length = value.codePointCount(0, value.length());
    if (length < 1 || length > LENGTH_MAX) {
      throw new IllegalArgumentException("must have 1 to " + LENGTH_MAX + " characters");
    }
    StorableText.require(value);
    if (value.codePoints().anyMatch(KeyName::isInvisible)) {
      throw new IllegalArgumentException(
          "must not hold control, zero-width or bidirectional control characters");
    }
    if (value.codePoints().allMatch(KeyName::isBlank)) {
      throw new IllegalArgumentException("must not be blank");
    }
  }

  private static boolean isInvisible(int point) {
    return INVISIBLE_TYPES.contains(Character.getType(point)) || INVISIBLE.indexOf(point) >= 0;
  }

  /**
   * Returns whether a code point shows nothing. A selector only varies the character before it, as
   * in many emoji.
   */
  private static boolean isBlank(int point) {
    return Character.isSpaceChar(point)
        || point == EMPTY_BRAILLE
        || (point >= VARIATION_SELECTOR_1 && point <= VARIATION_SELECTOR_16);
  }
}
