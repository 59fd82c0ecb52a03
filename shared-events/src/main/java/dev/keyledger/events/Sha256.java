package dev.keyledger.events;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * SHA-256 without a provider lookup for each use. The verifier of logs, which shares no code with
 * the service, has its own.
 */
public final class Sha256 {
  private static final ThreadLocal<MessageDigest> OF_THREAD =
      ThreadLocal.withInitial(Sha256::begin);

  private Sha256() {}

  /** Returns the SHA-256 of the bytes. */
  public static byte[] of(byte[] bytes) {
    return OF_THREAD.get().digest(bytes);
  }

  /** Returns the SHA-256 of a byte and the texts after it. */
  public static byte[] of(byte first, byte[]... rest) {
    MessageDigest sha256 = OF_THREAD.get();
    sha256.update(first);
    for (byte[] bytes : rest) {
      sha256.update(bytes);
    }
    return sha256.digest();
  }

  /** Returns the SHA-256 of a byte and the first bytes of an array. */
  public static byte[] of(byte first, byte[] bytes, int length) {
    MessageDigest sha256 = OF_THREAD.get();
    sha256.update(first);
    sha256.update(bytes, 0, length);
    return sha256.digest();
  }

  /** Returns a new SHA-256. */
  public static MessageDigest begin() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Returns a copy of a shared, never updated digest, for the caller's own use. */
  public static MessageDigest copyOf(MessageDigest shared) {
    try {
      return (MessageDigest) shared.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the JDK's SHA-256 can be cloned", e);
    }
  }
}
