package dev.keyledger.verifylog;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Searches bytes, eight at a time: most of an export is within long strings. The lowest byte that a
 * word's mask marks is one that was searched for; those above may not be (Warren, Hacker's Delight,
 * 6-1).
 */
final class ByteSearch {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGHS = 0x8080_8080_8080_8080L;

  private ByteSearch() {}

  /**
   * Returns where the next quote, backslash or control character is; {@code to} if there is none.
   */
  static int endOfPlainText(byte[] bytes, int from, int to) {
    int at = from;
    for (; at + Long.BYTES <= to; at += Long.BYTES) {
      long word = (long) LONGS.get(bytes, at);
      long control = (word - ONES * ' ') & ~word;
      long found = (equal(word, '"') | equal(word, '\\') | control) & HIGHS;
      if (found != 0) {
        return at + first(found);
      }
    }
    while (at < to
        && bytes[at] != '"'
        && bytes[at] != '\\'
        && (bytes[at] < 0 || bytes[at] >= ' ')) {
      at++;
    }
    return at;
  }

  /** Marks the bytes that equal a character by their highest bits. */
  private static long equal(long word, char c) {
    long zeros = word ^ (ONES * c);
    return (zeros - ONES) & ~zeros;
  }

  private static int first(long found) {
    return Long.numberOfTrailingZeros(found) / Byte.SIZE;
  }
}
