package dev.keyledger.verification.index;

import dev.keyledger.events.Digest;
import dev.keyledger.verification.secret.HmacSha256;
import dev.keyledger.verification.secret.Peppers;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link SnapshotOutput} wrote, item by item, and only after authentication. The next
 * chunk is fetched and authenticated while the items of the current one are read. Not thread-safe.
 */
final class SnapshotInput implements Closeable {
  /** The maximum length of a chunk: {@link SnapshotOutput#CHUNK_BYTES} and its last item. */
  static final int CHUNK_BYTES_MAX = 1 << 24;

  private static final byte[] END = {};

  private final DataInputStream in;
  private final HmacSha256 hmac;
  private byte[] before;
  private PackedReader chunk = new PackedReader(END, 0);
  private @Nullable FutureTask<byte[]> next;

  /**
   * Starts reading.
   *
   * @throws SnapshotRefusedException if it is not a snapshot, or cannot be authenticated
   */
  SnapshotInput(InputStream in, Peppers peppers) throws IOException, SnapshotRefusedException {
    this.in = new DataInputStream(in);
    this.before = in.readNBytes(SnapshotOutput.PREFIX_BYTES);
    int magicBytes = SnapshotOutput.MAGIC.length;
    if (before.length < SnapshotOutput.PREFIX_BYTES
        || !Arrays.equals(SnapshotOutput.MAGIC, Arrays.copyOf(before, magicBytes))) {
      throw new SnapshotRefusedException("is not a snapshot");
    }
    ByteBuffer prefix = ByteBuffer.wrap(before).position(magicBytes);
    int format = prefix.get();
    if (format != SnapshotOutput.FORMAT) {
      throw new SnapshotRefusedException(
          "has format %d, which is not %d".formatted(format, SnapshotOutput.FORMAT));
    }
    int pepperVersion = prefix.getInt();
    if (!peppers.versions().contains(pepperVersion)) {
      throw new SnapshotRefusedException(
          "was made under pepper %d, which is not configured".formatted(pepperVersion));
    }
    this.hmac = SnapshotOutput.hmac(peppers, pepperVersion);
  }

  /**
   * Returns a reader of the next item.
   *
   * @throws SnapshotRefusedException if it was modified, or there is none
   */
  PackedReader item() throws IOException, SnapshotRefusedException {
    if (chunk.isAtEnd()) {
      byte[] content = nextChunk();
      if (content.length == 0) {
        throw new SnapshotRefusedException("contains less than it declares");
      }
      chunk = new PackedReader(content, 0);
    }
    return chunk;
  }

  /**
   * Checks that the end is reached.
   *
   * @throws SnapshotRefusedException if there is more, or the end is missing
   */
  void requireEnd() throws IOException, SnapshotRefusedException {
    if (!chunk.isAtEnd() || nextChunk().length > 0) {
      throw new SnapshotRefusedException("contains more than it declares");
    }
    if (in.read() >= 0) {
      throw new SnapshotRefusedException("continues after its end");
    }
  }

  /** Waits for a running fetch, then closes the input. */
  @Override
  public void close() throws IOException {
    if (next != null) {
      try {
        next.get();
      } catch (ExecutionException _) {
        // Its result is not needed.
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
    in.close();
  }

  private byte[] nextChunk() throws IOException, SnapshotRefusedException {
    byte[] content = next == null ? fetch() : fetched(next);
    next = null;
    if (content.length > 0) {
      next = new FutureTask<>(this::fetch);
      Thread.ofVirtual().start(next);
    }
    return content;
  }

  private byte[] fetch() throws IOException, SnapshotRefusedException {
    try {
      byte[] length = readExactly(Integer.BYTES);
      int bytes = ByteBuffer.wrap(length).getInt();
      if (bytes < 0 || bytes > CHUNK_BYTES_MAX) {
        throw new SnapshotRefusedException("is damaged or forged");
      }
      byte[] content = readExactly(bytes);
      byte[] authenticator = hmac.of(before, length, content);
      if (!MessageDigest.isEqual(authenticator, readExactly(Digest.BYTES))) {
        throw new SnapshotRefusedException("is damaged or forged");
      }
      before = authenticator;
      return content;
    } catch (EOFException _) {
      throw new SnapshotRefusedException("ends too early");
    }
  }

  private byte[] readExactly(int bytes) throws IOException {
    byte[] read = new byte[bytes];
    in.readFully(read);
    return read;
  }

  private static byte[] fetched(FutureTask<byte[]> ahead)
      throws IOException, SnapshotRefusedException {
    try {
      return ahead.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException failure -> throw failure;
        case SnapshotRefusedException failure -> throw failure;
        case null, default -> throw new IllegalStateException("cannot read a chunk", e);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted");
    }
  }
}
