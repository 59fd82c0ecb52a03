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
 * Issues and reads position tokens: positions that clients can carry, but can neither forge nor use
 * with another store.
 *
 * <p>A token is base64url of 24 bytes: the position, and the first half of an HMAC-SHA-256 over a
 * label, the store, its incarnation and the position. A token of a former incarnation is therefore
 * as invalid as a forged one. Thread-safe.
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
   * @param macKeys the first issues tokens, all of them verify; each of 16 bytes or more
   * @throws IllegalArgumentException if there is no key, or one is too short
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
   * Returns the token of a position, 32 characters {@code [A-Za-z0-9_-]}.
   *
   * @throws IllegalArgumentException if the position is negative
   */
  public String issue(long position) {
    if (position < 0) {
      throw new IllegalArgumentException("a position must be 0 or more, not " + position);
    }
    byte[] token =
        ByteBuffer.allocate(TOKEN_BYTES)
            .putLong(position)
            .put(mac(macKeys.getFirst(), position), 0, MAC_BYTES)
            .array();
    return Base64.getUrlEncoder().encodeToString(token);
  }

  /**
   * Returns the position of a token. It may be beyond what a reader has applied.
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
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}
