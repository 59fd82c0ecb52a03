package dev.keyledger.verification.secret;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256, without asking the providers for an instance each time. */
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
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** A digest of one's own, in the state of one that is shared and never fed. */
  public static MessageDigest copyOf(MessageDigest shared) {
    try {
      return (MessageDigest) shared.clone();
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("the JDK's SHA-256 can be copied", e);
    }
  }
}
