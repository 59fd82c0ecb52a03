package dev.keyledger.verification.secret;

import java.security.MessageDigest;
import java.util.Arrays;

/**
 * HMAC-SHA-256 under one key (RFC 2104), from two digests that were fed with it and are only ever
 * copied. {@link javax.crypto.Mac} hashes the key anew at each use, which is half of the work for a
 * message as short as ours. Thread-safe.
 */
public final class HmacSha256 {
  private static final int BLOCK_BYTES = 64;

  private final MessageDigest inner;
  private final MessageDigest outer;

  /** Keys it with any number of bytes. */
  public HmacSha256(byte[] key) {
    byte[] block = Arrays.copyOf(key.length > BLOCK_BYTES ? Sha256.of(key) : key, BLOCK_BYTES);
    inner = fedWith(block, 0x36);
    outer = fedWith(block, 0x5c);
  }

  /** The authenticator of the parts, one after the other. */
  public byte[] of(byte[]... parts) {
    MessageDigest message = Sha256.copyOf(inner);
    for (byte[] part : parts) {
      message.update(part);
    }
    return Sha256.copyOf(outer).digest(message.digest());
  }

  private static MessageDigest fedWith(byte[] block, int pad) {
    byte[] padded = new byte[BLOCK_BYTES];
    for (int i = 0; i < BLOCK_BYTES; i++) {
      padded[i] = (byte) (block[i] ^ pad);
    }
    MessageDigest digest = Sha256.begin();
    digest.update(padded);
    return digest;
  }
}
