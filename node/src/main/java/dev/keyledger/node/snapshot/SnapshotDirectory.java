package dev.keyledger.node.snapshot;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DSYNC;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.keyledger.events.Digest;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.files.PrivateFiles;
import dev.keyledger.log.Head;
import dev.keyledger.log.Leaf;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.verification.index.IndexSnapshot;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.index.SnapshotOrigin;
import dev.keyledger.verification.index.SnapshotRefusedException;
import dev.keyledger.verification.secret.Peppers;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots of the key index on disk, at most two per log.
 *
 * <p>Nodes may share a directory, because all of them have the same index. Each file is written
 * under a unique name and then renamed. The name of a file only determines the order in which the
 * files are tried; the contents are always validated. Not thread-safe.
 */
public final class SnapshotDirectory {
  /** The free space that a snapshot requires, as a multiple of its size. */
  static final int FREE_TIMES = 2;

  /** An upper bound of the bytes per key in a file, without metadata. */
  static final int BYTES_PER_KEY = 200;

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotDirectory.class);

  /** The part of the name after the id of the log: the position, zero-padded. */
  private static final String NAME = "-[0-9]{19}\\.index";

  private static final String UNFINISHED = ".part";

  /** The age after which an unfinished file is assumed to be left by a killed process. */
  private static final Duration UNFINISHED_MAX = Duration.ofHours(1);

  private static final int BUFFER_BYTES = 1 << 23;
  private static final Duration BETWEEN_PROGRESS = Duration.ofSeconds(1);

  private final Path directory;
  private final Peppers peppers;
  private final Supplier<Head> head;
  private final LongFunction<Optional<Leaf>> leafAt;

  /** The log that the index is built from. */
  private @Nullable Head loadedFrom;

  /** The file that was loaded or written last, and its position. */
  private @Nullable Path latest;

  private long position;

  /**
   * @param directory created with the first snapshot
   * @param head returns the end of the log
   * @param leafAt returns the leaf hash of the event at a position
   */
  public SnapshotDirectory(
      Path directory, Peppers peppers, Supplier<Head> head, LongFunction<Optional<Leaf>> leafAt) {
    this.directory = directory;
    this.peppers = peppers;
    this.head = head;
    this.leafAt = leafAt;
  }

  /**
   * Returns the index of the newest valid snapshot, or an empty one. Logs which file is used, and
   * why each other file is not.
   *
   * @throws StoreUnavailableException if the log cannot be reached
   */
  public KeyIndex load() {
    Head now = head.get();
    loadedFrom = now;
    for (Path file : files(now.storeId())) {
      try {
        KeyIndex index = read(file, now);
        latest = file;
        position = index.position();
        return index;
      } catch (SnapshotRefusedException refused) {
        LOG.warn("snapshot {} is not used: it {}", file, refused.getMessage());
      } catch (NoSuchFileException _) {
        // Another node has written a newer one and deleted this one.
      } catch (IOException e) {
        LOG.warn("snapshot {} is not used: it cannot be read: {}", file, e.toString());
      }
    }
    LOG.info("no snapshot to start from: the index is built from all {} events", now.position());
    return new KeyIndex();
  }

  /**
   * Writes a snapshot and deletes the ones that it replaces.
   *
   * @param aborted polled while writing; once it returns true, the snapshot is aborted
   * @return whether it was written
   * @throws IOException if it could not be written; nothing is left of it
   * @throws StoreUnavailableException if the log cannot be reached
   */
  public boolean write(IndexSnapshot snapshot, BooleanSupplier aborted) throws IOException {
    SnapshotOrigin origin = originOf(snapshot);
    Files.createDirectories(directory, PrivateFiles.here().directory());
    requireRoom(
        (long) snapshot.keys() * BYTES_PER_KEY, Files.getFileStore(directory).getUsableSpace());
    Path file = directory.resolve("%s-%019d.index".formatted(origin.storeId(), origin.position()));
    Path unfinished = directory.resolve(file.getFileName() + "-" + UUID.randomUUID() + UNFINISHED);
    try {
      if (!write(unfinished, snapshot, origin, aborted)) {
        return false;
      }
      Files.move(unfinished, file, ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
    PrivateFiles.here().force(directory);
    deleteBut(file, latest, origin.storeId());
    latest = file;
    position = origin.position();
    return true;
  }

  /** Returns the position of the snapshot that was loaded or written last; 0 if none. */
  public long position() {
    return position;
  }

  private KeyIndex read(Path file, Head now) throws IOException, SnapshotRefusedException {
    long began = System.nanoTime();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
        var reading = new IndexSnapshot.Reading(in, peppers)) {
      SnapshotOrigin origin = reading.origin();
      requireFrom(origin, now);
      LOG.info(
          "loading {} keys as of position {} from snapshot {}",
          reading.keys(),
          origin.position(),
          file);
      KeyIndex index = reading.index(progress(reading.keys()));
      LOG.info(
          "loaded {} keys in {} ms; {} events follow",
          reading.keys(),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began),
          now.position() - origin.position());
      return index;
    } catch (StoreUnavailableException e) {
      throw e; // not caused by the snapshot
    } catch (RuntimeException e) {
      throw new SnapshotRefusedException("cannot be read: " + e);
    }
  }

  /** Requires that the last event of the snapshot is in this incarnation of the log. */
  private void requireFrom(SnapshotOrigin origin, Head now) throws SnapshotRefusedException {
    if (!origin.storeId().equals(now.storeId())) {
      throw new SnapshotRefusedException("is of another log, " + origin.storeId());
    }
    if (origin.incarnation() != now.incarnation()) {
      throw new SnapshotRefusedException(
          "is of incarnation %d of the log, which is in its %d"
              .formatted(origin.incarnation(), now.incarnation()));
    }
    if (origin.position() > now.position()) {
      throw new SnapshotRefusedException(
          "is of position %d, and the log ends at %d".formatted(origin.position(), now.position()));
    }
    Digest there = leafAt.apply(origin.position()).map(Leaf::hash).orElse(null);
    if (!origin.leafHash().equals(there)) {
      throw new SnapshotRefusedException(
          "is of an event at %d that is not the log's".formatted(origin.position()));
    }
  }

  private IntConsumer progress(int keys) {
    return new IntConsumer() {
      private long saidNanos = System.nanoTime();

      @Override
      public void accept(int read) {
        if (System.nanoTime() - saidNanos >= BETWEEN_PROGRESS.toNanos()) {
          saidNanos = System.nanoTime();
          LOG.info("loaded {} of {} keys", read, keys);
        }
      }
    };
  }

  /** Requires that the log has the last event of the snapshot at its position. */
  private SnapshotOrigin originOf(IndexSnapshot snapshot) throws IOException {
    LoggedEvent event = snapshot.latest();
    Head now = head.get();
    Leaf leaf = leafAt.apply(event.position()).orElse(null);
    if (loadedFrom == null
        || !now.storeId().equals(loadedFrom.storeId())
        || now.incarnation() != loadedFrom.incarnation()
        || leaf == null
        || !leaf.isOf(event)) {
      throw new IOException("the log is not the one that the index was built from");
    }
    return new SnapshotOrigin(
        now.storeId(), now.incarnation(), event.position(), event.time(), leaf.hash());
  }

  /** Requires enough free space, so that a snapshot does not fill the disk. */
  static void requireRoom(long bytes, long free) throws IOException {
    if (free / FREE_TIMES < bytes) {
      throw new IOException("it needs about %d bytes, and %d are free".formatted(bytes, free));
    }
  }

  private boolean write(
      Path file, IndexSnapshot snapshot, SnapshotOrigin origin, BooleanSupplier aborted)
      throws IOException {
    // Synced while it is written, so that the last sync is short.
    try (FileChannel channel =
            FileChannel.open(file, Set.of(CREATE_NEW, WRITE, DSYNC), PrivateFiles.here().file());
        OutputStream out =
            new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES)) {
      return snapshot.write(out, origin, peppers, aborted);
    }
  }

  /** Returns the snapshots with the id of that log in their names, the latest position first. */
  private List<Path> files(UUID storeId) {
    var names = Pattern.compile(storeId + NAME);
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(file -> names.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.reverseOrder())
          .toList();
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (IOException e) {
      LOG.warn("cannot list snapshots in {}: {}", directory, e.toString());
      return List.of();
    }
  }

  private void deleteBut(Path newest, @Nullable Path before, UUID storeId) throws IOException {
    for (Path file : files(storeId)) {
      if (!file.equals(newest) && !file.equals(before)) {
        Files.deleteIfExists(file);
      }
    }
    FileTime lost =
        FileTime.from(Files.getLastModifiedTime(newest).toInstant().minus(UNFINISHED_MAX));
    try (var unfinished = Files.newDirectoryStream(directory, "*" + UNFINISHED)) {
      for (Path file : unfinished) {
        if (Files.getLastModifiedTime(file).compareTo(lost) < 0) {
          Files.deleteIfExists(file);
        }
      }
    }
  }
}
