package dev.keyledger.lifecycle;

/**
 * What people call a key; not personal data.
 *
 * @param value 1 to {@value #LENGTH_MAX} characters (code points), no NUL
 */
public record KeyName(String value) {
  /** The most characters of a name. */
  public static final int LENGTH_MAX = 100;

  /**
   * @throws IllegalArgumentException if the value is outside its limits
   */
  public KeyName {
    int length = value.codePointCount(0, value.length());
    if (length < 1 || length > LENGTH_MAX) {
      throw new IllegalArgumentException("must have 1 to " + LENGTH_MAX + " characters");
    }
    LegalText.require(value);
  }
}
