package dev.keyledger.verification;

import static java.nio.charset.StandardCharsets.US_ASCII;

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
  private final String[] prefixes;

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
    this.prefixes = Arrays.stream(Environment.values()).map(this::prefix).toArray(String[]::new);
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
    if (!isVisibleAscii(text)) {
      return Form.UNREADABLE;
    }
    for (String prefix : prefixes) {
      if (text.startsWith(prefix) && hasBodyOfOurs(text, prefix.length())) {
        int checksumAt = text.length() - CHECKSUM_CHARS;
        long spelt = 0;
        for (int i = checksumAt; i < text.length(); i++) {
          spelt = spelt * 62 + digit(text.charAt(i));
        }
        return spelt == crc32(text, checksumAt) ? Form.OURS : Form.WRONG_CHECKSUM;
      }
    }
    return Form.FOREIGN;
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

  private static boolean isVisibleAscii(String text) {
    if (text.isEmpty() || text.length() > LENGTH_MAX) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x21 || c > 0x7e) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasBodyOfOurs(String text, int from) {
    if (text.length() - from != RANDOM_CHARS + CHECKSUM_CHARS) {
      return false;
    }
    for (int i = from; i < text.length(); i++) {
      if (!isBase62(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isBase62(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }

  private static long crc32(String text, int end) {
    var crc = new CRC32();
    crc.update(text.getBytes(US_ASCII), 0, end);
    return crc.getValue();
  }

  /** What a character of the alphabet is worth: digits, then capitals, then small letters. */
  private static int digit(char c) {
    return c <= '9' ? c - '0' : c <= 'Z' ? c - 'A' + 10 : c - 'a' + 36;
  }

  private static String checksum(CharSequence text) {
    char[] digits = new char[CHECKSUM_CHARS];
    long rest = crc32(text.toString(), text.length());
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
