package dev.keyledger.verification.index;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes values compactly, for {@link PackedReader}, into a reused buffer. Not thread-safe. */
final class PackedWriter {
  private static final int INITIAL_BYTES = 1024;

  private byte[] bytes = new byte[INITIAL_BYTES];
  private int size;

  /** Returns what was written and starts a new value. */
  byte[] take() {
    byte[] taken = Arrays.copyOf(bytes, size);
    size = 0;
    return taken;
  }

  /** Discards what was written. */
  void clear() {
    size = 0;
  }

  /** Returns the number of bytes written since the last call of {@link #take}. */
  int size() {
    return size;
  }

  void octet(int value) {
    room(1);
    bytes[size++] = (byte) value;
  }

  void fixed(long value) {
    room(Long.BYTES);
    PackedReader.LONGS.set(bytes, size, value);
    size += Long.BYTES;
  }

  /** Writes bytes, preceded by their number. */
  void bytes(byte[] some) {
    number(some.length);
    room(some.length);
    System.arraycopy(some, 0, bytes, size, some.length);
    size += some.length;
  }

  /** Writes a number that is usually small: seven bits per byte, the lowest first. */
  void number(long value) {
    room(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  /** Writes whole seconds, or microseconds, or both parts, whichever is exact. */
  void time(Instant time) {
    long seconds = time.getEpochSecond();
    int nanos = time.getNano();
    if (nanos == 0) {
      number(PackedReader.zigzag(seconds) << 2 | PackedReader.SECONDS);
    } else if (nanos % 1000 == 0 && Math.abs(seconds) < PackedReader.MICROS_SECONDS_MAX) {
      long micros = seconds * 1_000_000 + nanos / 1000;
      number(PackedReader.zigzag(micros) << 2 | PackedReader.MICROS);
    } else {
      number(PackedReader.zigzag(seconds) << 2 | PackedReader.NANOS);
      number(nanos);
    }
  }

  void optionalTime(@Nullable Instant time) {
    if (time != null) {
      time(time);
    }
  }

  /** Writes a duration that is not negative; one byte for none. */
  void optionalDuration(@Nullable Duration duration) {
    if (duration == null) {
      number(0);
    } else {
      number(duration.getSeconds() + 1);
      number(duration.getNano());
    }
  }

  /** Writes one byte per character if possible, otherwise two. */
  void text(String text) {
    int length = text.length();
    boolean wide = false;
    for (int i = 0; i < length && !wide; i++) {
      wide = text.charAt(i) > 0xff;
    }
    number((long) length << 1 | (wide ? 1 : 0));
    room(2 * length);
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (wide) {
        bytes[size++] = (byte) (c >>> 8);
      }
      bytes[size++] = (byte) c;
    }
  }

  void texts(List<String> texts) {
    number(texts.size());
    texts.forEach(this::text);
  }

  private void room(int count) {
    if (bytes.length - size < count) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + count));
    }
  }
}
