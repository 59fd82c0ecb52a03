package dev.keyledger.checking.http.extauthz;

import java.nio.charset.Charset;

/**
 * Reads the fields of one message in the wire format of protocol buffers, in the order sent. Fields
 * that are not read are skipped. Not thread-safe.
 */
final class ProtobufReader {
  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED_32 = 5;
  private static final int VARINT_BYTES_MAX = 10;

  /** Thrown when bytes are no message. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException(String message) {
      super(message, null, false, false);
    }
  }

  private final byte[] bytes;
  private final int end;
  private int next;
  private int number;
  private boolean hasLength;
  private int valueStart;

  ProtobufReader(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  private ProtobufReader(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.next = start;
    this.end = end;
  }

  /** Moves to the next field; returns whether there is one. */
  boolean next() throws MalformedException {
    if (next == end) {
      return false;
    }
    long tag = varint();
    number = (int) (tag >>> 3);
    if (tag >>> 32 != 0 || number == 0) {
      throw new MalformedException("a field has no number");
    }
    int type = (int) tag & 7;
    hasLength = type == LENGTH;
    long length =
        switch (type) {
          case VARINT -> {
            var _ = varint();
            yield 0;
          }
          case FIXED_64 -> Long.BYTES;
          case LENGTH -> varint();
          case FIXED_32 -> Integer.BYTES;
          default -> throw new MalformedException("a field has an unknown type");
        };
    valueStart = next;
    if (length < 0 || length > end - next) {
      throw new MalformedException("a field is longer than its message");
    }
    next += (int) length;
    return true;
  }

  /** Returns the number of the field. */
  int number() {
    return number;
  }

  /** Returns a reader of the field, which is a message. */
  ProtobufReader message() throws MalformedException {
    requireLength();
    return new ProtobufReader(bytes, valueStart, next);
  }

  /** Returns the field as text; replaces malformed parts. */
  String text(Charset charset) throws MalformedException {
    requireLength();
    return new String(bytes, valueStart, next - valueStart, charset);
  }

  private void requireLength() throws MalformedException {
    if (!hasLength) {
      throw new MalformedException("field " + number + " has another type");
    }
  }

  private long varint() throws MalformedException {
    long value = 0;
    for (int read = 0; read < VARINT_BYTES_MAX; read++) {
      if (next == end) {
        break;
      }
      byte part = bytes[next++];
      value |= (part & 0x7fL) << (7 * read);
      if (part >= 0) {
        return value;
      }
    }
    throw new MalformedException("a number does not end");
  }
}
