package dev.keyledger.verification.index;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.LoggedEvent;
import dev.keyledger.verification.secret.Peppers;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * The content of a {@link KeyIndex} at one position. It can be written while the index continues,
 * and a starting process can read it instead of the log.
 *
 * <p>It contains digests and no secrets. The lookup tables are not written, because they can be
 * rebuilt from the rest. Thread-safe.
 */
public final class IndexSnapshot {
  private static final int NONCE_LONGS = 2;

  /**
   * The number of keys between two calls of {@link #write}'s cancellation check or of the progress
   * callback.
   */
  private static final int KEYS_PER_STEP = 1 << 16;

  private final LoggedEvent latest;
  private final PagedArray<byte[]> records;
  private final PagedArray<EndedSecret> endedSecrets;
  private final Pools pools;
  private final int[] poolSizes;
  private final Set<String> closedWorkspaces;
  private final Set<String> outlivingWorkspaces;
  private final Map<Integer, Long> secretsInUseByPepper;

  /** Called by the writer of the index, between two events. */
  IndexSnapshot(
      LoggedEvent latest,
      PagedArray<byte[]> records,
      PagedArray<EndedSecret> endedSecrets,
      Pools pools,
      Set<String> closedWorkspaces,
      Set<String> outlivingWorkspaces,
      Map<Integer, Long> secretsInUseByPepper) {
    this.latest = latest;
    this.records = records.copy();
    this.endedSecrets = endedSecrets.copy();
    this.pools = pools;
    this.poolSizes = pools.all().stream().mapToInt(Pool::size).toArray();
    this.closedWorkspaces = Set.copyOf(closedWorkspaces);
    this.outlivingWorkspaces = Set.copyOf(outlivingWorkspaces);
    this.secretsInUseByPepper = new TreeMap<>(secretsInUseByPepper);
  }

  /** Returns the last applied event. */
  public LoggedEvent latest() {
    return latest;
  }

  /** Returns the number of keys. */
  public int keys() {
    return records.size();
  }

  /**
   * Writes the snapshot, authenticated under the current pepper.
   *
   * @param origin the reference of {@link #latest} in the log
   * @param cancelled polled from time to time; once it is true, the incomplete output is unusable
   * @return whether the snapshot is complete
   */
  public boolean write(
      OutputStream to, SnapshotOrigin origin, Peppers peppers, BooleanSupplier cancelled)
      throws IOException {
    if (origin.position() != latest.position()) {
      throw new IllegalArgumentException("the origin has another position than the snapshot");
    }
    var out = new SnapshotOutput(to, peppers, peppers.currentVersion());
    writeHead(out.item(), origin);
    out.endChunk();
    int pool = 0;
    for (Pool<?, ?> values : pools.all()) {
      values.writeValues(out, poolSizes[pool++]);
    }
    writeNames(out, closedWorkspaces);
    writeNames(out, outlivingWorkspaces);
    for (int slot = 0; slot < records.size(); slot++) {
      if (slot % KEYS_PER_STEP == 0 && cancelled.getAsBoolean()) {
        return false;
      }
      out.item().bytes(records.get(slot));
      out.endItem();
    }
    for (int number = 0; number < endedSecrets.size(); number++) {
      writeEnded(out.item(), endedSecrets.get(number));
      out.endItem();
    }
    out.end();
    return true;
  }

  private static void writeNames(SnapshotOutput out, Set<String> names) throws IOException {
    for (String name : names) {
      out.item().text(name);
      out.endItem();
    }
  }

  private void writeHead(PackedWriter head, SnapshotOrigin origin) {
    var random = new SecureRandom();
    for (int i = 0; i < NONCE_LONGS; i++) {
      head.fixed(random.nextLong()); // so that no chunk fits into another file
    }
    PackedKey.write(head, PackedKey.form());
    head.fixed(origin.storeId().getMostSignificantBits());
    head.fixed(origin.storeId().getLeastSignificantBits());
    head.number(origin.incarnation());
    head.number(origin.position());
    head.time(origin.time());
    PackedKey.write(head, origin.leafHash());
    for (int size : poolSizes) {
      head.number(size);
    }
    head.number(closedWorkspaces.size());
    head.number(outlivingWorkspaces.size());
    head.number(records.size());
    head.number(endedSecrets.size());
    head.number(secretsInUseByPepper.size());
    secretsInUseByPepper.forEach((version, count) -> {
      head.number(version);
      head.number(count);
    });
  }

  /** The end of the previous secret is stored only in the record of its key. */
  private void writeEnded(PackedWriter item, EndedSecret secret) {
    PackedWriter writer = item;
    int current = new PackedKey(records.get(secret.slot), pools).generation();
    PackedKey.write(writer, secret.digest);
    writer.number(secret.slot);
    writer.number(secret.generation);
    boolean forGood = secret.generation < current - 1;
    writer.octet(forGood ? 1 : 0);
    if (forGood) {
      PackedKey.write(writer, requireNonNull(secret.ending));
    }
  }

  /**
   * A snapshot that is being read. The caller decides by its {@link #origin} whether it is usable
   * before it reads the rest. Not thread-safe.
   */
  public static final class Reading implements Closeable {
    private final SnapshotInput in;
    private final SnapshotOrigin origin;
    private final int[] poolSizes = new int[new Pools(0).all().size()];
    private final int closed;
    private final int outliving;
    private final int keys;
    private final int ended;
    private final ConcurrentHashMap<Integer, Long> secretsInUseByPepper = new ConcurrentHashMap<>();

    /**
     * Reads the head.
     *
     * @param from closed together with this, also if the constructor fails
     * @throws SnapshotRefusedException if it is not a snapshot, or this version cannot read it, or
     *     these peppers do not authenticate it
     */
    public Reading(InputStream from, Peppers peppers) throws IOException, SnapshotRefusedException {
      in = new SnapshotInput(from, peppers);
      PackedReader head = in.item();
      for (int i = 0; i < NONCE_LONGS; i++) {
        head.fixed();
      }
      if (!PackedKey.readDigest(head).equals(PackedKey.form())) {
        throw new SnapshotRefusedException(
            "holds keys in the form of another version of Keyledger");
      }
      origin =
          new SnapshotOrigin(
              new UUID(head.fixed(), head.fixed()),
              (int) head.number(),
              head.number(),
              head.time(),
              PackedKey.readDigest(head));
      for (int i = 0; i < poolSizes.length; i++) {
        poolSizes[i] = (int) head.number();
      }
      closed = (int) head.number();
      outliving = (int) head.number();
      keys = (int) head.number();
      ended = (int) head.number();
      for (long left = head.number(); left > 0; left--) {
        secretsInUseByPepper.put((int) head.number(), head.number());
      }
    }

    /** Returns the reference of the last applied event. */
    public SnapshotOrigin origin() {
      return origin;
    }

    /** Returns the number of keys. */
    public int keys() {
      return keys;
    }

    /**
     * Reads the index.
     *
     * @param progress called from time to time with the number of keys read
     * @throws SnapshotRefusedException if the rest was modified
     */
    public KeyIndex index(IntConsumer progress) throws IOException, SnapshotRefusedException {
      var pools = new Pools(Pool.SIZE_MAX);
      int pool = 0;
      for (Pool<?, ?> values : pools.all()) {
        values.readValues(in, poolSizes[pool++]);
      }
      Set<String> closedWorkspaces = readNames(closed);
      Set<String> outlivingWorkspaces = readNames(outliving);
      var records = new PagedArray<byte[]>();
      for (int slot = 0; slot < keys; slot++) {
        records.add(in.item().bytes());
        if (slot % KEYS_PER_STEP == 0) {
          progress.accept(slot);
        }
      }
      var endedSecrets = new PagedArray<EndedSecret>();
      for (int number = 0; number < ended; number++) {
        endedSecrets.add(readEnded(in.item()));
      }
      in.requireEnd();
      return new KeyIndex(
          origin.position(),
          records,
          endedSecrets,
          pools,
          closedWorkspaces,
          outlivingWorkspaces,
          secretsInUseByPepper);
    }

    @Override
    public void close() throws IOException {
      in.close();
    }

    private Set<String> readNames(int count) throws IOException, SnapshotRefusedException {
      Set<String> names = ConcurrentHashMap.newKeySet();
      for (int i = 0; i < count; i++) {
        names.add(in.item().text());
      }
      return names;
    }

    private static EndedSecret readEnded(PackedReader item) {
      var secret =
          new EndedSecret(PackedKey.readDigest(item), (int) item.number(), (int) item.number());
      if (item.octet() == 1) {
        secret.ending = PackedKey.readDecidedBy(item);
      }
      return secret;
    }
  }
}
