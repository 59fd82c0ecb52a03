package dev.keyledger.log.proofs;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The hashes of RFC 6962 section 2.1, with SHA-256. */
final class Sha256 {
  static final int BYTES = 32;

  private static final byte NODE = 1;

  private Sha256() {}

  /** Returns SHA-256. */
  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Returns the hash of a node that is not a leaf. */
  static byte[] node(byte[] left, byte[] right) {
    MessageDigest sha256 = digest();
    sha256.update(NODE);
    sha256.update(left);
    return sha256.digest(right);
  }
}
