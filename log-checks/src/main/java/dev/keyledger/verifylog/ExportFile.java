package dev.keyledger.verifylog;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;

/** An export: lines that end with a newline, the last of which is the trailer. */
final class ExportFile implements AutoCloseable {
  /** The maximum length of a line, in bytes: over ten times that of a leaf. */
  static final int LINE_MAX = 1 << 20;

  private static final int PART = 1 << 18;

  private final RandomAccessFile file;

  /** The offset at which the trailer begins, and the events end. */
  private final long end;

  private final byte[] trailer;
  private final Queue<byte[]> reusable = new ArrayDeque<>();

  private ExportFile(RandomAccessFile file, long end, byte[] trailer) {
    this.file = file;
    this.end = end;
    this.trailer = trailer;
  }

  /**
   * Opens an export and reads its last line.
   *
   * @throws WrongException if the last line does not end, or is too long
   */
  static ExportFile open(Path path) throws IOException, WrongException {
    if (!Files.isRegularFile(path)) {
      throw new CannotCheckException(path + " is not a file that can be read twice");
    }
    var file = new RandomAccessFile(path.toFile(), "r");
    try {
      long length = file.length();
      byte[] tail = new byte[(int) Math.min(length, LINE_MAX)];
      file.seek(length - tail.length);
      file.readFully(tail);
      if (tail.length == 0 || tail[tail.length - 1] != '\n') {
        throw new WrongException("the export does not end with a newline: it was cut off");
      }
      int start = lastNewline(tail, tail.length - 1) + 1;
      if (start == 0 && tail.length < length) {
        throw tooLong("the last line");
      }
      return new ExportFile(
          file, length - tail.length + start, Arrays.copyOfRange(tail, start, tail.length - 1));
    } catch (IOException | WrongException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static WrongException tooLong(String what) {
    return new WrongException("%s is longer than %,d bytes".formatted(what, LINE_MAX));
  }

  /** Returns the last line. */
  byte[] trailer() {
    return trailer;
  }

  /** Receives whole lines. */
  @FunctionalInterface
  interface Lines {
    /**
     * @return whether to go on
     */
    boolean take(byte[] bytes, int length);
  }

  /**
   * Reads all lines before the trailer.
   *
   * @throws WrongException if one is too long
   */
  void read(Lines lines) throws IOException, WrongException {
    file.seek(0);
    long left = end;
    byte[] part = new byte[PART];
    int filled = 0;
    while (left > 0) {
      int read = file.read(part, filled, (int) Math.min(left, part.length - filled));
      if (read < 0) {
        throw new EOFException("the export was shortened while it was read");
      }
      left -= read;
      filled += read;
      int whole = lastNewline(part, filled) + 1;
      if (whole == 0) {
        if (filled == LINE_MAX) {
          throw tooLong("a line that ends after byte %,d".formatted(end - left));
        }
        part = filled == part.length ? Arrays.copyOf(part, Math.min(2 * filled, LINE_MAX)) : part;
      } else if (filled == part.length || left == 0) {
        byte[] next = unused(filled - whole);
        System.arraycopy(part, whole, next, 0, filled - whole);
        if (!lines.take(part, whole)) {
          return;
        }
        filled -= whole;
        part = next;
      }
    }
  }

  private byte[] unused(int length) {
    byte[] part = reusable.poll();
    return part == null || part.length < length ? new byte[Math.max(PART, length)] : part;
  }

  /** Takes back the bytes of lines that are not needed any more; by the reading thread. */
  void reuse(byte[] bytes) {
    reusable.add(bytes);
  }

  private static int lastNewline(byte[] bytes, int length) {
    int last = length - 1;
    while (last >= 0 && bytes[last] != '\n') {
      last--;
    }
    return last;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
