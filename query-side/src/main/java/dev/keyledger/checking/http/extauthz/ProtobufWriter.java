package dev.keyledger.checking.http.extauthz;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;

/** Writes one message in the wire format of protocol buffers. Not thread-safe. */
final class ProtobufWriter {
  private static final int VARINT = 0;
  private static final int LENGTH = 2;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /**
   * Adds a number.
   *
   * @param value 0 or more
   */
  ProtobufWriter number(int field, int value) {
    varint(field << 3 | VARINT);
    varint(value);
    return this;
  }

  ProtobufWriter text(int field, String value) {
    return bytes(field, value.getBytes(UTF_8));
  }

  ProtobufWriter message(int field, ProtobufWriter message) {
    return bytes(field, message.toByteArray());
  }

  /** Adds text in UTF-8, or a message. */
  ProtobufWriter bytes(int field, byte[] value) {
    varint(field << 3 | LENGTH);
    varint(value.length);
    bytes.writeBytes(value);
    return this;
  }

  byte[] toByteArray() {
    return bytes.toByteArray();
  }

  private void varint(int value) {
    int rest = value;
    while (rest >>> 7 != 0) {
      bytes.write((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    bytes.write(rest);
  }
}
