package dev.keyledger.verification.secret;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.events.Sha256;
import java.security.MessageDigest;

/**
 * A secret that a client presents or that was minted for one, protected against accidental leaks.
 *
 * <p>Its text form is redacted, its equality takes constant time, its hash code is a constant, and
 * it cannot be serialized. Immutable.
 */
public final class KeySecret {
  /** The string. Not private, so that this package can inspect it without revealing it. */
  final String value;

  private final byte[] utf8;

  private KeySecret(String value) {
    this.value = value;
    this.utf8 = value.getBytes(UTF_8);
  }

  /** Wraps any string, valid or not; the verifier decides about its form. */
  public static KeySecret of(String value) {
    return new KeySecret(value);
  }

  /** Returns the string itself, for the only party that may see it: the caller of the command. */
  public String revealToItsCaller() {
    return value;
  }

  /**
   * Returns the secret without space, tab, CR and LF at both ends: files and copied lines end so.
   */
  public KeySecret stripped() {
    int from = 0;
    int to = value.length();
    while (from < to && isAsciiSpace(value.charAt(from))) {
      from++;
    }
    while (from < to && isAsciiSpace(value.charAt(to - 1))) {
      to--;
    }
    return from == 0 && to == value.length() ? this : new KeySecret(value.substring(from, to));
  }

  private static boolean isAsciiSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  /**
   * Returns SHA-256 of the string in UTF-8, 32 bytes: the input of a digest.
   *
   * <p>Only strings of visible ASCII are ever looked up by it.
   */
  public byte[] sha256() {
    return Sha256.of(utf8);
  }

  /** Returns the string in UTF-8. The caller must not modify the array. */
  byte[] utf8() {
    return utf8;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeySecret that && MessageDigest.isEqual(utf8, that.utf8);
  }

  /** Returns a constant: any other hash code would reveal something about the string. */
  @Override
  public int hashCode() {
    return 0;
  }

  @Override
  public String toString() {
    return "KeySecret[redacted]";
  }
}
