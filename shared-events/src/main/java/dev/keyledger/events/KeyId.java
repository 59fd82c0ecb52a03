package dev.keyledger.events;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;

/**
 * The public id of a key, which may be logged: {@code key_} and 26 lower-case characters of
 * Crockford's base32 that encode 128 bits, a UUID of version 7 (RFC 9562).
 */
public record KeyId(String value) {
  private static final String PREFIX = "key_";
  private static final String ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
  private static final int LENGTH = 30;
  private static final byte[] DIGITS = digits();

  /**
   * @throws IllegalArgumentException if the value is malformed
   */
  public KeyId {
    if (!hasForm(value)) {
      throw new IllegalArgumentException("not a key id");
    }
  }

  /**
   * Creates an id from a point in time and random bits, in the layout of RFC 9562 section 5.7.
   *
   * @param epochMillis milliseconds since 1970, of which 48 bits are used
   * @param randomHigh of which 12 bits are used
   * @param randomLow of which 62 bits are used
   */
  public static KeyId of(long epochMillis, long randomHigh, long randomLow) {
    return ofBits(
        epochMillis << 16 | 0x7000L | (randomHigh & 0xfffL),
        0x8000_0000_0000_0000L | (randomLow & 0x3fff_ffff_ffff_ffffL));
  }

  /** Returns the id that encodes these 128 bits. */
  public static KeyId ofBits(long high, long low) {
    byte[] text = new byte[LENGTH];
    System.arraycopy(PREFIX.getBytes(US_ASCII), 0, text, 0, PREFIX.length());
    long rest = low;
    long above = high;
    for (int i = LENGTH - 1; i >= PREFIX.length(); i--) {
      text[i] = (byte) ALPHABET.charAt((int) rest & 31);
      rest = rest >>> 5 | above << 59;
      above >>>= 5;
    }
    return new KeyId(new String(text, US_ASCII));
  }

  /** Returns the first 64 of the id's 128 bits. */
  public long high() {
    long high = 0;
    long low = 0;
    for (int i = PREFIX.length(); i < LENGTH; i++) {
      high = high << 5 | low >>> 59;
      low = low << 5 | DIGITS[value.charAt(i)];
    }
    return high;
  }

  /** Returns the last 64 of the id's 128 bits. */
  public long low() {
    long low = 0;
    for (int i = PREFIX.length(); i < LENGTH; i++) {
      low = low << 5 | DIGITS[value.charAt(i)];
    }
    return low;
  }

  @Override
  public String toString() {
    return value;
  }

  private static boolean hasForm(String value) {
    if (value.length() != LENGTH || !value.startsWith(PREFIX) || value.charAt(4) > '7') {
      return false;
    }
    for (int i = PREFIX.length(); i < LENGTH; i++) {
      char c = value.charAt(i);
      if (c >= DIGITS.length || DIGITS[c] < 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns the value of each ASCII character; -1 for characters outside the alphabet. */
  private static byte[] digits() {
    byte[] digits = new byte[128];
    Arrays.fill(digits, (byte) -1);
    for (int i = 0; i < ALPHABET.length(); i++) {
      digits[ALPHABET.charAt(i)] = (byte) i;
    }
    return digits;
  }
}
