package dev.keyledger.log;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Writes and reads position tokens: positions that clients can carry, but neither make up nor take
 * from one store to another.
 *
 * <p>A token is base64url of 24 bytes: the position, and the first half of an HMAC-SHA-256 over a
 * label, the store, its incarnation and the position. So a token of a restored backup's former life
 * is as wrong as a forged one. Safe for use by many threads.
 */
public final class PositionTokens {
  private static final byte[] LABEL = "keyledger position 1".getBytes(StandardCharsets.US_ASCII);
  private static final String ALGORITHM = "HmacSHA256";
  private static final int MAC_BYTES = 16;
  private static final int TOKEN_BYTES = Long.BYTES + MAC_BYTES;
  private static final int TOKEN_CHARACTERS = TOKEN_BYTES / 3 * 4;

  private final UUID storeId;
  private final int incarnation;
  private final List<SecretKeySpec> macKeys;

  /**
   * @param macKeys the first makes the tokens, all of them read; each of 16 bytes or more
   * @throws IllegalArgumentException if there is no key, or a short one
   */
  public PositionTokens(UUID storeId, int incarnation, List<byte[]> macKeys) {
    if (macKeys.isEmpty() || macKeys.stream().anyMatch(key -> key.length < MAC_BYTES)) {
      throw new IllegalArgumentException("position tokens need keys of at least 16 bytes");
    }
    this.storeId = storeId;
    this.incarnation = incarnation;
    this.macKeys = macKeys.stream().map(key -> new SecretKeySpec(key, ALGORITHM)).toList();
  }

  /**
   * The token of a position, 32 characters {@code [A-Za-z0-9_-]}.
   *
   * @throws IllegalArgumentException if the position is negative
   */
  public String issue(long position) {
    if (position < 0) {
      throw new IllegalArgumentException("a position is 0 or more, not " + position);
    }
    byte[] token =
        ByteBuffer.allocate(TOKEN_BYTES)
            .putLong(position)
            .put(mac(macKeys.getFirst(), position), 0, MAC_BYTES)
            .array();
    return Base64.getUrlEncoder().encodeToString(token);
  }

  /**
   * The position that {@link #issue} was given; it may lie beyond what a reader has applied.
   *
   * @throws InvalidPositionTokenException if this store in this incarnation issued no such token
   */
  public long read(String token) {
    if (token.length() != TOKEN_CHARACTERS) {
      throw new InvalidPositionTokenException();
    }
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(token);
    } catch (IllegalArgumentException _) {
      throw new InvalidPositionTokenException();
    }
    if (bytes.length != TOKEN_BYTES) {
      throw new InvalidPositionTokenException();
    }
    long position = ByteBuffer.wrap(bytes).getLong();
    byte[] given = Arrays.copyOfRange(bytes, Long.BYTES, TOKEN_BYTES);
    for (SecretKeySpec key : macKeys) {
      if (MessageDigest.isEqual(given, Arrays.copyOf(mac(key, position), MAC_BYTES))) {
        return position;
      }
    }
    throw new InvalidPositionTokenException();
  }

  private byte[] mac(SecretKeySpec key, long position) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      mac.update(LABEL);
      return mac.doFinal(
          ByteBuffer.allocate(3 * Long.BYTES + Integer.BYTES)
              .putLong(storeId.getMostSignificantBits())
              .putLong(storeId.getLeastSignificantBits())
              .putInt(incarnation)
              .putLong(position)
              .array());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("each JDK has " + ALGORITHM, e);
    }
  }
}
