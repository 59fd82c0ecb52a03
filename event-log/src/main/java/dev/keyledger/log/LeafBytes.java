package dev.keyledger.log;

import dev.keyledger.events.Digest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The bytes of an event that are hashed. Their layout never changes, so that a hash of them shows
 * whether the row was altered. Erasing the context of an event does not change them.
 *
 * <p>Each field, in the order below, is written as its length (4 bytes, big-endian) and its bytes.
 * Text is UTF-8; numbers take 8 bytes, big-endian.
 */
public final class LeafBytes {
  private LeafBytes() {}

  public static byte[] of(EventRow row) {
    var bytes = new ByteArrayOutputStream(512);
    put(bytes, row.position());
    put(bytes, row.stream().kind().toString());
    put(bytes, row.stream().id());
    put(bytes, row.sequence());
    put(bytes, row.workspace());
    put(bytes, row.type());
    put(bytes, row.version());
    put(bytes, ChronoUnit.MICROS.between(Instant.EPOCH, row.time()));
    put(bytes, row.actor().type().toString());
    String actorId = row.actor().id();
    put(bytes, actorId == null ? "" : actorId);
    put(bytes, row.requestId());
    put(bytes, row.payload());
    put(bytes, row.contextHash());
    return bytes.toByteArray();
  }

  /** Returns the leaf hash of the event: SHA-256 of a zero byte and these bytes (RFC 6962, 2.1). */
  public static Digest hashOf(EventRow row) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update((byte) 0);
      return Digest.of(sha256.digest(of(row)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static void put(ByteArrayOutputStream bytes, String text) {
    put(bytes, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void put(ByteArrayOutputStream bytes, long number) {
    put(bytes, ByteBuffer.allocate(Long.BYTES).putLong(number).array());
  }

  private static void put(ByteArrayOutputStream bytes, byte[] field) {
    bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(field.length).array());
    bytes.writeBytes(field);
  }
}
