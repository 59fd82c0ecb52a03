package dev.keyledger.verification.secret;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.events.Environment;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The form of the secrets that Keyledger mints: {@code kl_live_} (brand, environment), 43 base62
 * characters that encode 32 random bytes, and 6 base62 characters of the CRC-32 of everything
 * before.
 *
 * <p>The checksum lets scanners and clients detect a typing error without a request; it provides no
 * security. Strings are taken literally: never trimmed, folded or normalised. Thread-safe.
 */
public final class KeyFormat {
  /** The longest string, in characters, that can be a key. */
  public static final int LENGTH_MAX = 4096;

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

  /** The form of a string. */
  public enum Form {
    /** A Keyledger key: brand, environment, lengths, alphabet and checksum are correct. */
    OURS,
    /** A Keyledger key with an incorrect checksum. */
    WRONG_CHECKSUM,
    /** 1 to {@value KeyFormat#LENGTH_MAX} visible ASCII characters that are not a Keyledger key. */
    FOREIGN,
    /** A string that is not a possible key. */
    UNREADABLE
  }

  private final String brand;
  private final byte[][] prefixes;

  /**
   * @param brand the prefix of all secrets, {@code [a-z][a-z0-9]{0,15}}
   * @throws IllegalArgumentException if the brand has another form
   */
  public KeyFormat(String brand) {
    if (!BRAND.matcher(brand).matches()) {
      throw new IllegalArgumentException(
          "a brand must be 1 to 16 characters of a-z and 0-9, the first a letter");
    }
    this.brand = brand;
    this.prefixes =
        Arrays.stream(Environment.values())
            .map(environment -> prefix(environment).getBytes(US_ASCII))
            .toArray(byte[][]::new);
  }

  /**
   * Returns whether a text has the form of a minted secret of any brand. Other texts have a correct
   * checksum only by chance.
   */
  public static boolean isMinted(String text) {
    int random = text.length() - RANDOM_CHARS - CHECKSUM_CHARS;
    if (random < 1 || text.charAt(random - 1) != '_') {
      return false;
    }
    byte[] ascii = text.getBytes(US_ASCII);
    return isBase62(ascii, random) && hasValidChecksum(ascii);
  }

  /** Creates a new secret for an environment. */
  public KeySecret mint(Environment environment, SecureRandom random) {
    byte[] bytes = new byte[RANDOM_BYTES];
    random.nextBytes(bytes);
    return spell(environment, bytes);
  }

  /** Returns the secret that encodes these random bytes. Overwrites the bytes with zeros. */
  KeySecret spell(Environment environment, byte[] bytes) {
    var text = new StringBuilder(prefix(environment)).append(base62(bytes));
    return KeySecret.of(text.append(checksum(text)).toString());
  }

  /** Returns the form of a string; does not say whether such a key exists. */
  public Form formOf(String text) {
    return formOf(text, text.getBytes(UTF_8));
  }

  /** Returns the form of a secret; does not say whether such a key exists. */
  public Form formOf(KeySecret secret) {
    return formOf(secret.value, secret.utf8());
  }

  private Form formOf(String text, byte[] utf8) {
    for (byte[] prefix : prefixes) {
      if (utf8.length == prefix.length + RANDOM_CHARS + CHECKSUM_CHARS
          && Arrays.equals(utf8, 0, prefix.length, prefix, 0, prefix.length)
          && isBase62(utf8, prefix.length)) {
        return hasValidChecksum(utf8) ? Form.OURS : Form.WRONG_CHECKSUM;
      }
    }
    // An unpaired surrogate is encoded as a question mark, so the text itself must be checked.
    boolean readable =
        utf8.length > 0
            && utf8.length <= LENGTH_MAX
            && areVisibleAscii(utf8)
            && text.equals(new String(utf8, US_ASCII));
    return readable ? Form.FOREIGN : Form.UNREADABLE;
  }

  /**
   * Returns the possible secrets in a text: the text itself, and every string in it that has the
   * form of a Keyledger key with a correct checksum. Takes time in proportion to the text.
   */
  public List<KeySecret> candidatesIn(KeySecret text) {
    var candidates = new ArrayList<KeySecret>();
    candidates.add(text);
    if (formOf(text) == Form.OURS) {
      return candidates; // it has no room for another
    }
    for (byte[] prefix : prefixes) {
      String start = new String(prefix, US_ASCII);
      int length = prefix.length + RANDOM_CHARS + CHECKSUM_CHARS;
      for (int at = text.value.indexOf(start);
          at >= 0 && at + length <= text.value.length();
          at = text.value.indexOf(start, at + 1)) {
        KeySecret part = KeySecret.of(text.value.substring(at, at + length));
        if (formOf(part) == Form.OURS) {
          candidates.add(part);
        }
      }
    }
    return candidates;
  }

  /**
   * Returns the hint by which people recognise a minted secret: its prefix, three dots and its last
   * four characters.
   *
   * @throws IllegalArgumentException if the secret is not of this format
   */
  public String hint(KeySecret secret) {
    String text = secret.value;
    if (formOf(text) != Form.OURS) {
      throw new IllegalArgumentException("only a minted secret has a hint");
    }
    int prefixLength = text.length() - RANDOM_CHARS - CHECKSUM_CHARS;
    return text.substring(0, prefixLength) + "..." + text.substring(text.length() - HINT_CHARS);
  }

  private String prefix(Environment environment) {
    return brand + "_" + environment + "_";
  }

  /**
   * Returns whether all bytes are visible ASCII. Has no branch per byte: the bytes are random, so
   * branches would be mispredicted.
   */
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

  private static boolean hasValidChecksum(byte[] ascii) {
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

  /** Returns the base62 value of each ASCII character; -1 for characters outside the alphabet. */
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
   * Returns the big-endian number in base62, padded to a fixed width. Overwrites the bytes with
   * zeros.
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
