package dev.keyledger.lifecycle;

/** The text that can be stored everywhere: Unicode without NUL and without half characters. */
public final class LegalText {
  private LegalText() {}

  /**
   * @throws IllegalArgumentException if the text holds NUL or an unpaired surrogate
   */
  public static void require(String text) {
    boolean illegal =
        text.codePoints()
            .anyMatch(point -> point == 0 || Character.getType(point) == Character.SURROGATE);
    if (illegal) {
      throw new IllegalArgumentException("must not hold NUL or unpaired surrogates");
    }
  }
}
