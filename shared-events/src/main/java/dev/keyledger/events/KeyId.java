package dev.keyledger.events;

/**
 * The public name of a key, which may be logged: {@code key_} and 26 lower-case characters of
 * Crockford's base32 that spell 128 bits, a UUID of version 7 (RFC 9562).
 */
public record KeyId(String value) {
  private static final String PREFIX = "key_";
  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final int LENGTH = 30;

  /**
   * @throws IllegalArgumentException if the value has another form
   */
  public KeyId {
    if (!hasForm(value)) {
      throw new IllegalArgumentException("not a key id");
    }
  }

  private static boolean hasForm(String value) {
    if (value.length() != LENGTH || !value.startsWith(PREFIX) || value.charAt(4) > '7') {
      return false;
    }
    for (int i = PREFIX.length(); i < LENGTH; i++) {
      if (ALPHABET.indexOf(value.charAt(i)) < 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * The id made of a point in time and random bits, as RFC 9562 section 5.7 lays them out.
   *
   * @param epochMillis milliseconds since 1970, 48 bits of which count
   * @param randomHigh 12 bits of which count
   * @param randomLow 62 bits of which count
   */
  public static KeyId of(long epochMillis, long randomHigh, long randomLow) {
    long high = epochMillis << 16 | 0x7000L | (randomHigh & 0xfffL);
    long low = 0x8000_0000_0000_0000L | (randomLow & 0x3fff_ffff_ffff_ffffL);
    var text = new StringBuilder(PREFIX);
    for (int shift = 125; shift >= 0; shift -= 5) {
      text.append(ALPHABET.charAt(fiveBits(high, low, shift)));
    }
    return new KeyId(text.toString());
  }

  private static int fiveBits(long high, long low, int shift) {
    if (shift >= 64) {
      return (int) (high >>> (shift - 64)) & 31;
    }
    long bits = low >>> shift;
    if (shift > 59) {
      bits |= high << (64 - shift);
    }
    return (int) bits & 31;
  }

  @Override
  public String toString() {
    return value;
  }
}
