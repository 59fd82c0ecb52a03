package dev.keyledger.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.events.Digest;
import dev.keyledger.events.Sha256;
import java.nio.ByteBuffer;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;

/**
 * The bytes of an event that are hashed. Their layout never changes, so that a hash of them shows
 * whether the row was altered. Erasing the context of an event does not change them.
 *
 * <p>Each field, in the order of {@link #COLUMNS}, is written as its length (4 bytes, big-endian)
 * and its bytes. Text is UTF-8; numbers take 8 bytes, big-endian; the time is in microseconds since
 * 1970. Not thread-safe.
 */
public final class LeafBytes {
  /** The columns that {@link #read} reads, in their order. */
  public static final String COLUMNS =
      "position, stream_kind, stream_id, sequence, workspace, type, version, time, actor_type,"
          + " actor_id, request_id, payload, context_hash";

  private static final int LENGTH_EXPECTED = 1024;
  private static final byte LEAF = 0;
  private static final byte[] NONE = {};

  private byte[] bytes = new byte[LENGTH_EXPECTED];
  private int length;

  /** Returns the bytes of an event. */
  public static byte[] of(EventRow row) {
    var leaf = new LeafBytes();
    leaf.write(row);
    return leaf.toBytes();
  }

  /** Returns the leaf hash of an event. */
  public static Digest hashOf(EventRow row) {
    return Digest.of(hashOf(of(row)));
  }

  /** Returns the leaf hash of these bytes: SHA-256 of a zero byte and them (RFC 6962, 2.1). */
  public static byte[] hashOf(byte[] leaf) {
    return Sha256.of(LEAF, leaf);
  }

  /** Replaces the bytes by those of the current row of a result of {@link #COLUMNS}. */
  public void read(ResultSet row) throws SQLException {
    length = 0;
    put(row.getLong(1));
    put(row.getBytes(2)); // of a text: its UTF-8
    put(row.getBytes(3));
    put(row.getLong(4));
    put(row.getBytes(5));
    put(row.getBytes(6));
    put(row.getLong(7));
    put(row.getObject(8, OffsetDateTime.class).toInstant());
    put(row.getBytes(9));
    byte[] actorId = row.getBytes(10);
    put(actorId == null ? NONE : actorId);
    put(row.getBytes(11));
    put(row.getBytes(12));
    put(row.getBytes(13));
  }

  private void write(EventRow row) {
    length = 0;
    put(row.position());
    put(row.stream().kind().toString());
    put(row.stream().id());
    put(row.sequence());
    put(row.workspace());
    put(row.type());
    put(row.version());
    put(row.time());
    put(row.actor().type().toString());
    String actorId = row.actor().id();
    put(actorId == null ? "" : actorId);
    put(row.requestId());
    put(row.payload());
    put(row.contextHash());
  }

  /** Returns a copy of the bytes. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }

  /** Returns the leaf hash of the bytes. */
  public byte[] hash() {
    return Sha256.of(LEAF, bytes, length);
  }

  private void put(String text) {
    put(text.getBytes(UTF_8));
  }

  private void put(Instant time) {
    put(ChronoUnit.MICROS.between(Instant.EPOCH, time));
  }

  private void put(long number) {
    room(Long.BYTES).putInt(Long.BYTES).putLong(number);
  }

  private void put(byte[] field) {
    room(field.length).putInt(field.length).put(field);
  }

  /** Returns the place for a field and its length. */
  private ByteBuffer room(int fieldLength) {
    int from = length;
    length += Integer.BYTES + fieldLength;
    if (length > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length, 2 * bytes.length));
    }
    return ByteBuffer.wrap(bytes, from, length - from);
  }
}
