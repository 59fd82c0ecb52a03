package dev.keyledger.verification.index;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.keyledger.verification.secret.HmacSha256;
import dev.keyledger.verification.secret.Peppers;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Writes items in chunks. {@link SnapshotInput} authenticates each chunk before it reads a byte of
 * it.
 *
 * <p>A file consists of {@link #MAGIC}, the format (1 byte), the version of the pepper (4 bytes),
 * and chunks. A chunk is a length (4 bytes), as many bytes, and an HMAC-SHA-256 over the previous
 * authenticator, the length and the bytes. For the first chunk, the file's prefix takes the place
 * of the previous authenticator. An empty chunk ends the file. Therefore nothing can be changed,
 * removed, inserted, moved, or taken from another file. Numbers are big-endian. Not thread-safe.
 */
final class SnapshotOutput {
  static final byte[] MAGIC = "keyledger-index".getBytes(US_ASCII);
  static final int FORMAT = 2;
  static final int PREFIX_BYTES = MAGIC.length + 1 + Integer.BYTES;

  /** A chunk ends with the item that reaches this length. */
  static final int CHUNK_BYTES = 1 << 18;

  /** The purpose for which the authentication key is derived from a pepper. */
  private static final String PURPOSE = "index-snapshot";

  private static final int MAC_KEY_BYTES = 32;

  private final OutputStream out;
  private final HmacSha256 hmac;
  private final PackedWriter chunk = new PackedWriter();
  private byte[] before;

  SnapshotOutput(OutputStream out, Peppers peppers, int pepperVersion) throws IOException {
    this.out = out;
    this.hmac = hmac(peppers, pepperVersion);
    this.before =
        ByteBuffer.allocate(PREFIX_BYTES)
            .put(MAGIC)
            .put((byte) FORMAT)
            .putInt(pepperVersion)
            .array();
    out.write(before);
  }

  /** Returns the authenticator under a pepper. */
  static HmacSha256 hmac(Peppers peppers, int pepperVersion) {
    return new HmacSha256(peppers.derive(pepperVersion, PURPOSE, MAC_KEY_BYTES));
  }

  /** Returns the writer of the next item. */
  PackedWriter item() {
    return chunk;
  }

  /** Ends an item, which will be read from one chunk. */
  void endItem() throws IOException {
    if (chunk.size() >= CHUNK_BYTES) {
      endChunk();
    }
  }

  /** Ends a chunk, so that it can be read before anything that follows. */
  void endChunk() throws IOException {
    byte[] content = chunk.take();
    byte[] length = ByteBuffer.allocate(Integer.BYTES).putInt(content.length).array();
    before = hmac.of(before, length, content);
    out.write(length);
    out.write(content);
    out.write(before);
  }

  /** Ends the file; does not close the output. */
  void end() throws IOException {
    if (chunk.size() > 0) {
      endChunk();
    }
    endChunk();
    out.flush();
  }
}
