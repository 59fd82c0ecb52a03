package dev.keyledger.verification.secret;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;

/**
 * The string that a client presents, or that was minted for one; kept from leaking by accident.
 *
 * <p>It prints as nothing, is equal only in constant time, hashes to a constant and cannot be
 * serialized. Immutable.
 */
public final class KeySecret {
  /** Not private, so that this package can judge the string without revealing it. */
  final String value;

  private final byte[] utf8;

  private KeySecret(String value) {
    this.value = value;
    this.utf8 = value.getBytes(UTF_8);
  }

  /** Wraps any string, whatever its form: the verifier judges it. */
  public static KeySecret of(String value) {
    return new KeySecret(value);
  }

  /** The string itself, to be handed to the one who may see it: the caller of the command. */
  public String revealToItsCaller() {
    return value;
  }

  /**
   * The SHA-256 of the string in UTF-8, 32 bytes: what a digest is made of.
   *
   * <p>Only strings of visible ASCII are ever looked up by it.
   */
  public byte[] sha256() {
    return Sha256.of(utf8);
  }

  /** Returns the string in UTF-8; nobody may change it. */
  byte[] utf8() {
    return utf8;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof KeySecret that && MessageDigest.isEqual(utf8, that.utf8);
  }

  /** A constant: any other hash would tell something about the string. */
  @Override
  public int hashCode() {
    return 0;
  }

  @Override
  public String toString() {
    return "KeySecret[redacted]";
  }
}
