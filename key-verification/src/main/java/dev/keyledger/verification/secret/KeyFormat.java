package dev.keyledger.verification.secret;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.events.Environment;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The form of the strings that Keyledger mints: {@code kl_live_} (brand, environment), 43 base62
 * characters of 32 random bytes and 6 base62 characters of the CRC-32 of all before.
 *
 * <p>The checksum lets scanners and clients tell a typing error without asking; it secures nothing.
 * Strings are read as they are: never trimmed, folded or normalised. Thread-safe.
 */
public final class KeyFormat {
  /** The longest string, in characters, that can be anybody's key. */
  public static final int LENGTH_MAX = 512;

  /** The brand unless configured otherwise. */
  public static final String DEFAULT_BRAND = "kl";

  private static final Pattern BRAND = Pattern.compile("[a-z][a-z0-9]{0,15}");
  private static final String ALPHABET =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final byte[] DIGITS = digits();
  private static final int RANDOM_BYTES = 32;
  private static final int RANDOM_CHARS = 43;
  private static final int CHECKSUM_CHARS = 6;
  private static final int HINT_CHARS = 4;

  /** What a string looks like. */
  public enum Form {
    /** A key of ours: brand, environment, lengths, alphabet and checksum are right. */
    OURS,
    /** A key of ours but for the checksum. */
    WRONG_CHECKSUM,
    /** 1 to {@value KeyFormat#LENGTH_MAX} visible ASCII characters that are no key of ours. */
    FOREIGN,
    /** Nothing that could be a key. */
    UNREADABLE
  }

  private final String brand;
  private final byte[][] prefixes;

  /**
   * @param brand what strings begin with, {@code [a-z][a-z0-9]{0,15}}
   * @throws IllegalArgumentException if the brand has another form
   */
  public KeyFormat(String brand) {
    if (!BRAND.matcher(brand).matches()) {
      throw new IllegalArgumentException(
          "a brand is 1 to 16 characters of a-z and 0-9, the first a letter");
    }
    this.brand = brand;
    this.prefixes =
        Arrays.stream(Environment.values())
            .map(environment -> prefix(environment).getBytes(US_ASCII))
            .toArray(byte[][]::new);
  }

  /** A new secret of the given environment. */
  public KeySecret mint(Environment environment, SecureRandom random) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return spell(environment, bytes);
  }

  /** The secret that these random bytes spell; they are consumed. */
  KeySecret spell(Environment environment, byte[] bytes) {
    var text = new StringBuilder(prefix(environment)).append(base62(bytes));
    return KeySecret.of(text.append(checksum(text)).toString());
  }

  /** What the string looks like; says nothing about whether such a key exists. */
  public Form formOf(String text) {
    return formOf(text, text.getBytes(UTF_8));
  }

  /** Returns what the secret looks like; says nothing about whether such a key exists. */
  public Form formOf(KeySecret secret) {
    return formOf(secret.value, secret.utf8());
  }

  private Form formOf(String text, byte[] utf8) {
    for (byte[] prefix : prefixes) {
      if (utf8.length == prefix.length + RANDOM_CHARS + CHECKSUM_CHARS
          && Arrays.equals(utf8, 0, prefix.length, prefix, 0, prefix.length)
          && isBase62(utf8, prefix.length)) {
        return hasChecksumOfOurs(utf8) ? Form.OURS : Form.WRONG_CHECKSUM;
      }
    }
    // Half a surrogate pair has become a question mark: only the text itself tells.
    boolean readable =
        utf8.length > 0
            && utf8.length <= LENGTH_MAX
            && areVisibleAscii(utf8)
            && text.equals(new String(utf8, US_ASCII));
    return readable ? Form.FOREIGN : Form.UNREADABLE;
  }

  /**
   * What people recognise a secret of ours by: its prefix, three dots and its last four characters.
   *
   * @throws IllegalArgumentException if the secret is not of this format
   */
  public String hint(KeySecret secret) {
    String text = secret.value;
    if (formOf(text) != Form.OURS) {
      throw new IllegalArgumentException("only a secret of ours has a hint");
    }
    int prefixLength = text.length() - RANDOM_CHARS - CHECKSUM_CHARS;
    return text.substring(0, prefixLength) + "..." + text.substring(text.length() - HINT_CHARS);
  }

  private String prefix(Environment environment) {
    return brand + "_" + environment + "_";
  }

  /** Without a branch for each byte: they are random, so branches would be guessed wrong. */
  private static boolean areVisibleAscii(byte[] bytes) {
    int outside = 0;
    for (byte b : bytes) {
      outside |= (b - 0x21) | (0x7e - b);
    }
    return outside >= 0;
  }

  private static boolean isBase62(byte[] utf8, int from) {
    int outside = 0;
    for (int i = from; i < utf8.length; i++) {
      outside |= utf8[i] | DIGITS[utf8[i] & 0x7f];
    }
    return outside >= 0;
  }

  private static boolean hasChecksumOfOurs(byte[] ascii) {
    int from = ascii.length - CHECKSUM_CHARS;
    long spelt = 0;
    for (int i = from; i < ascii.length; i++) {
      spelt = spelt * 62 + DIGITS[ascii[i]];
    }
    return spelt == crc32(ascii, from);
  }

  private static long crc32(byte[] ascii, int end) {
    var crc = new CRC32();
    crc.update(ascii, 0, end);
    return crc.getValue();
  }

  /** What each character of ASCII is worth; -1: it is not in the alphabet. */
  private static byte[] digits() {
    byte[] digits = new byte[128];
    Arrays.fill(digits, (byte) -1);
    for (int i = 0; i < ALPHABET.length(); i++) {
      digits[ALPHABET.charAt(i)] = (byte) i;
    }
    return digits;
  }

  private static String checksum(CharSequence text) {
    char[] digits = new char[CHECKSUM_CHARS];
    long rest = crc32(text.toString().getBytes(US_ASCII), text.length());
    for (int i = CHECKSUM_CHARS - 1; i >= 0; i--) {
      digits[i] = ALPHABET.charAt((int) (rest % 62));
      rest /= 62;
    }
    return new String(digits);
  }

  /**
   * The number that the bytes spell, big-endian, padded to a fixed width; leaves the bytes zero.
   */
  private static char[] base62(byte[] bytes) {
    char[] digits = new char[RANDOM_CHARS];
    for (int i = RANDOM_CHARS - 1; i >= 0; i--) {
      int remainder = 0;
      for (int j = 0; j < bytes.length; j++) {
        int dividend = remainder << 8 | (bytes[j] & 0xff);
        bytes[j] = (byte) (dividend / 62);
        remainder = dividend % 62;
      }
      digits[i] = ALPHABET.charAt(remainder);
    }
    return digits;
  }
}
