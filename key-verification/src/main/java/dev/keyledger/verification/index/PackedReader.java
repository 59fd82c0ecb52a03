package dev.keyledger.verification.index;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what {@link PackedWriter} wrote, in the same order. Not thread-safe. */
final class PackedReader {
  static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  static final int SECONDS = 0;
  static final int MICROS = 1;
  static final int NANOS = 2;

  /** The range of the microsecond form, about four thousand years around 1970. */
  static final long MICROS_SECONDS_MAX = 1L << 37;

  private final byte[] bytes;
  private int at;

  PackedReader(byte[] bytes, int at) {
    this.bytes = bytes;
    this.at = at;
  }

  /** Returns another reader of the same bytes, at the same offset. */
  PackedReader copy() {
    return new PackedReader(bytes, at);
  }

  boolean isAtEnd() {
    return at == bytes.length;
  }

  int octet() {
    return bytes[at++] & 0xff;
  }

  long fixed() {
    at += Long.BYTES;
    return (long) LONGS.get(bytes, at - Long.BYTES);
  }

  byte[] bytes() {
    int length = (int) number();
    at += length;
    return Arrays.copyOfRange(bytes, at - length, at);
  }

  long number() {
    long value = 0;
    int shift = 0;
    byte next;
    do {
      next = bytes[at++];
      value |= (next & 0x7fL) << shift;
      shift += 7;
    } while (next < 0);
    return value;
  }

  Instant time() {
    long tagged = number();
    long value = unzigzag(tagged >>> 2);
    return switch ((int) tagged & 3) {
      case SECONDS -> Instant.ofEpochSecond(value);
      case MICROS ->
          Instant.ofEpochSecond(
              Math.floorDiv(value, 1_000_000L), Math.floorMod(value, 1_000_000L) * 1000);
      default -> Instant.ofEpochSecond(value, number());
    };
  }

  void skipTime() {
    if (((int) number() & 3) == NANOS) {
      number();
    }
  }

  @Nullable Duration optionalDuration() {
    long seconds = number();
    return seconds == 0 ? null : Duration.ofSeconds(seconds - 1, number());
  }

  void skipText() {
    long header = number();
    at += (int) (header >>> 1) << (header & 1);
  }

  String text() {
    long header = number();
    int length = (int) (header >>> 1);
    if ((header & 1) == 0) {
      at += length;
      return new String(bytes, at - length, length, ISO_8859_1);
    }
    // A charset decoder would replace an unpaired surrogate.
    char[] chars = new char[length];
    for (int i = 0; i < length; i++) {
      chars[i] = (char) (octet() << 8 | octet());
    }
    return new String(chars);
  }

  List<String> texts() {
    String[] texts = new String[(int) number()];
    Arrays.setAll(texts, _ -> text());
    return List.of(texts);
  }

  static long zigzag(long value) {
    return value << 1 ^ value >> 63;
  }

  private static long unzigzag(long value) {
    return value >>> 1 ^ -(value & 1);
  }
}
