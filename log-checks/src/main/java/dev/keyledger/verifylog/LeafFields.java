package dev.keyledger.verifylog;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;

/**
 * The fields of an event within its leaf bytes, as docs/event-log.md specifies them. Reusable; not
 * thread-safe.
 */
final class LeafFields {
  /** The maximum length of leaf bytes. */
  static final int BYTES_MAX = 65_535;

  static final int POSITION = 0;
  static final int STREAM_KIND = 1;
  static final int STREAM_ID = 2;
  static final int SEQUENCE = 3;
  static final int WORKSPACE = 4;
  static final int TYPE = 5;
  static final int VERSION = 6;
  static final int TIME = 7;
  static final int ACTOR_TYPE = 8;
  static final int ACTOR_ID = 9;
  static final int REQUEST_ID = 10;
  static final int PAYLOAD = 11;
  static final int CONTEXT_HASH = 12;
  static final int COUNT = 13;

  private static final byte[] KEY = "key".getBytes(UTF_8);

  private static final long MICROS_OF_SECOND = 1_000_000;
  private static final long MICROS_OF_DAY = 86_400 * MICROS_OF_SECOND;
  private static final long[] POWERS = {1, 10, 100, 1_000, 10_000, 100_000};

  private final int[] from = new int[COUNT];
  private final int[] to = new int[COUNT];
  private byte[] bytes = {};

  /** The day of the last time, and its start as text: formatting each time would take long. */
  private long day = -1;

  private String startOfDay = "1969-12-31T00:00:00Z";
  private final StringBuilder time = new StringBuilder();

  /**
   * Finds the fields.
   *
   * @throws WrongException if the bytes have another form
   */
  void read(byte[] leaf) throws WrongException {
    if (leaf.length > BYTES_MAX) {
      throw new WrongException("has a leaf of more than %,d bytes".formatted(BYTES_MAX));
    }
    bytes = leaf;
    ByteBuffer rest = ByteBuffer.wrap(leaf);
    for (int field = 0; field < COUNT; field++) {
      int length = rest.remaining() < Integer.BYTES ? -1 : rest.getInt();
      if (length < 0 || length > rest.remaining() || !hasLength(field, length)) {
        throw new WrongException("has a leaf of another form");
      }
      from[field] = rest.position();
      to[field] = rest.position() + length;
      rest.position(to[field]);
    }
    if (rest.hasRemaining()) {
      throw new WrongException("has a leaf that continues after its end");
    }
  }

  private static boolean hasLength(int field, int length) {
    return switch (field) {
      case POSITION, SEQUENCE, VERSION, TIME -> length == Long.BYTES;
      case CONTEXT_HASH -> length == Sha256.BYTES;
      default -> true;
    };
  }

  byte[] bytes() {
    return bytes;
  }

  int from(int field) {
    return from[field];
  }

  int to(int field) {
    return to[field];
  }

  long number(int field) {
    return ByteBuffer.wrap(bytes).getLong(from[field]);
  }

  String text(int field) {
    return new String(bytes, from[field], to[field] - from[field], UTF_8);
  }

  boolean isEmpty(int field) {
    return from[field] == to[field];
  }

  /** Returns whether the event is of a key; otherwise it is of a workspace. */
  boolean isOfKey() {
    return Arrays.equals(KEY, 0, KEY.length, bytes, from[STREAM_KIND], to[STREAM_KIND]);
  }

  /** Returns the time as exports write it: RFC 3339 in UTC, with 0, 3 or 6 digits of a second. */
  String time() {
    long micros = number(TIME);
    if (Math.floorDiv(micros, MICROS_OF_DAY) != day) {
      day = Math.floorDiv(micros, MICROS_OF_DAY);
      startOfDay = Instant.EPOCH.plus(day, ChronoUnit.DAYS).toString();
    }
    long ofDay = Math.floorMod(micros, MICROS_OF_DAY);
    long seconds = ofDay / MICROS_OF_SECOND;
    int fraction = (int) (ofDay % MICROS_OF_SECOND);
    time.setLength(0);
    time.append(startOfDay, 0, startOfDay.length() - "00:00:00Z".length());
    digits(seconds / 3600, 2).append(':');
    digits(seconds / 60 % 60, 2).append(':');
    digits(seconds % 60, 2);
    if (fraction % 1000 != 0) {
      time.append('.');
      digits(fraction, 6);
    } else if (fraction != 0) {
      time.append('.');
      digits(fraction / 1000, 3);
    }
    return time.append('Z').toString();
  }

  private StringBuilder digits(long number, int count) {
    for (long unit = POWERS[count - 1]; unit > 0; unit /= 10) {
      time.append((char) ('0' + number / unit % 10));
    }
    return time;
  }
}
