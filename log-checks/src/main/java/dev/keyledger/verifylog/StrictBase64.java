package dev.keyledger.verifylog;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;

/**
 * Base64 (RFC 4648, section 4) that has one form only: padded, and without stray bits at its end.
 */
final class StrictBase64 {
  private StrictBase64() {}

  /**
   * @throws WrongException if it is not base64
   */
  static byte[] decode(byte[] text, int from, int to) throws WrongException {
    byte[] decoded;
    try {
      decoded = Base64.getDecoder().decode(ByteBuffer.wrap(text, from, to - from)).array();
    } catch (IllegalArgumentException _) {
      throw new WrongException("is not base64");
    }
    int rest = decoded.length % 3;
    byte[] end =
        Base64.getEncoder()
            .encode(Arrays.copyOfRange(decoded, decoded.length - rest, decoded.length));
    if ((to - from) % 4 != 0 || !Arrays.equals(end, 0, end.length, text, to - end.length, to)) {
      throw new WrongException("is not base64 in its only form");
    }
    return decoded;
  }
}
