package dev.keyledger.verification.secret;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 without a provider lookup for each use. */
public final class Sha256 {
  private static final ThreadLocal<MessageDigest> OF_THREAD =
      ThreadLocal.withInitial(Sha256::begin);

  private Sha256() {}

  /** Returns the SHA-256 of the bytes. */
  public static byte[] of(byte[] bytes) {
    return OF_THREAD.get().digest(bytes);
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
