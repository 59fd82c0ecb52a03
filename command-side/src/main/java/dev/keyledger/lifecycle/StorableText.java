package dev.keyledger.lifecycle;

/** Text that can be stored everywhere: Unicode without NUL and unpaired surrogates. */
public final class StorableText {
  private StorableText() {}

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
