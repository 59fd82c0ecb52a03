package dev.keyledger.checking.http.fast;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.keyledger.http.HttpAnswer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/**
 * Encodes answers as HTTP/1.1 (RFC 9112) into one buffer: Netty's codec costs as much as a check.
 * Not thread-safe.
 */
final class AnswerBytes {
  private static final int TYPICAL_HEAD_BYTES = 1024;
  private static final int NO_CONTENT = 204;
  private static final byte[][] STATUS_LINES = new byte[600][];
  private static final byte[] CONTENT_LENGTH = ascii("content-length: ");
  private static final byte[] CONNECTION = ascii("connection: ");
  private static final byte[] CONTINUE = ascii("HTTP/1.1 100 Continue\r\n\r\n");

  private byte[] head = new byte[TYPICAL_HEAD_BYTES];
  private int size;

  /** The header Date of a second, which most answers repeat. */
  private byte[] dateLine = {};

  private long dateSecond = Long.MIN_VALUE;

  /** Returns the answer {@code 100 Continue}. */
  static ByteBuf continueAnswer(ByteBufAllocator allocator) {
    return allocator.ioBuffer(CONTINUE.length).writeBytes(CONTINUE);
  }

  /**
   * Returns the encoded answer.
   *
   * @param now the time in the header {@code Date}
   * @param connection the value of the header {@code Connection}; null leaves it out
   * @param headOnly whether the method is HEAD: the body is left out, but not its length
   * @throws IllegalStateException if a header of the answer has characters other than visible ASCII
   */
  ByteBuf of(
      ByteBufAllocator allocator,
      HttpAnswer answer,
      Instant now,
      @Nullable String connection,
      boolean headOnly) {
    byte[] body = answer.body();
    size = 0;
    append(statusLine(answer.status()));
    for (HttpAnswer.Header header : answer.headers()) {
      append(header.name());
      separate();
      append(header.value());
      endLine();
    }
    append(dateLine(now));
    if (connection != null) {
      append(CONNECTION);
      append(connection);
      endLine();
    }
    if (answer.status() != NO_CONTENT) {
      append(CONTENT_LENGTH);
      append(Integer.toString(body.length));
      endLine();
    }
    endLine();
    ByteBuf bytes = allocator.ioBuffer(size + body.length).writeBytes(head, 0, size);
    return headOnly ? bytes : bytes.writeBytes(body);
  }

  private static byte[] statusLine(int status) {
    byte[] line = STATUS_LINES[status];
    if (line == null) {
      line = ascii("HTTP/1.1 " + HttpResponseStatus.valueOf(status) + "\r\n");
      STATUS_LINES[status] = line;
    }
    return line;
  }

  private byte[] dateLine(Instant now) {
    if (now.getEpochSecond() != dateSecond) {
      dateSecond = now.getEpochSecond();
      dateLine = ascii("date: " + DateFormatter.format(Date.from(now)) + "\r\n");
    }
    return dateLine;
  }

  private void separate() {
    ensureCapacity(2);
    head[size++] = ':';
    head[size++] = ' ';
  }

  private void endLine() {
    ensureCapacity(2);
    head[size++] = '\r';
    head[size++] = '\n';
  }

  private void append(byte[] bytes) {
    ensureCapacity(bytes.length);
    System.arraycopy(bytes, 0, head, size, bytes.length);
    size += bytes.length;
  }

  /** Copies the low bytes, then checks that no control character could end the line. */
  @SuppressWarnings("deprecation")
  private void append(String text) {
    int length = text.length();
    ensureCapacity(length);
    text.getBytes(0, length, head, size);
    int outside = 0;
    for (int i = size; i < size + length; i++) {
      outside |= (head[i] - ' ') | ('~' - head[i]);
    }
    if (outside < 0) {
      throw new IllegalStateException("a header of an answer is not visible ASCII");
    }
    size += length;
  }

  private void ensureCapacity(int count) {
    if (head.length - size < count) {
      head = Arrays.copyOf(head, Math.max(2 * head.length, size + count));
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }
}
