package dev.keyledger.verifylog;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The hashes of RFC 6962, section 2.1. Not thread-safe. */
final class Sha256 {
  /** The length of a hash, in bytes. */
  static final int BYTES = 32;

  private final MessageDigest digest;

  Sha256() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Writes the hash of a leaf. */
  void leaf(byte[] bytes, int from, int to, byte[] out, int at) {
    digest.update((byte) 0);
    digest.update(bytes, from, to - from);
    finish(out, at);
  }

  /** Writes the hash of a node, which may take the place of one of its children. */
  void node(byte[] left, int leftAt, byte[] right, int rightAt, byte[] out, int at) {
    digest.update((byte) 1);
    digest.update(left, leftAt, BYTES);
    digest.update(right, rightAt, BYTES);
    finish(out, at);
  }

  /** Writes the plain hash of two texts, one after the other. */
  void plain(byte[] bytes, int from, int to, int otherFrom, int otherTo, byte[] out, int at) {
    digest.update(bytes, from, to - from);
    digest.update(bytes, otherFrom, otherTo - otherFrom);
    finish(out, at);
  }

  /** Returns the plain hash of a text. */
  byte[] plain(byte[] bytes) {
    return digest.digest(bytes);
  }

  private void finish(byte[] out, int at) {
    try {
      digest.digest(out, at, BYTES);
    } catch (DigestException e) {
      throw new IllegalStateException("no room for a hash", e);
    }
  }
}
