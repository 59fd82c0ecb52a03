package dev.keyledger.events;

import java.nio.ByteBuffer;
import java.util.HexFormat;

/**
 * The stored form of a secret, by which it is looked up: 32 bytes that reveal nothing about it
 * without the pepper.
 *
 * <p>Four longs instead of an array make it a value: equal by content and safe to share.
 */
public record Digest(long a, long b, long c, long d) {
  /** The number of bytes. */
  public static final int BYTES = 32;

  /**
   * @throws IllegalArgumentException unless there are exactly {@value #BYTES} bytes
   */
  public static Digest of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException("a digest has 32 bytes, not " + bytes.length);
    }
    var buffer = ByteBuffer.wrap(bytes);
    return new Digest(buffer.getLong(), buffer.getLong(), buffer.getLong(), buffer.getLong());
  }

  /**
   * Parses the form that {@link #toString} returns.
   *
   * @throws IllegalArgumentException unless there are exactly 64 hexadecimal digits
   */
  public static Digest parse(String hex) {
    return of(HexFormat.of().parseHex(hex));
  }

  /** Returns the bytes, big-endian. */
  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES).putLong(a).putLong(b).putLong(c).putLong(d).array();
  }

  /** Returns the bytes as 64 lower-case hexadecimal digits. */
  @Override
  public String toString() {
    return HexFormat.of().formatHex(toBytes());
  }
}
