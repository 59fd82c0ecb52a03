package dev.keyledger.node.snapshot;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.DSYNC;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.keyledger.events.Digest;
import dev.keyledger.events.LoggedEvent;
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
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
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
 * The snapshots of the key index that are kept on disk, two of a log at most.
 *
 * <p>Any number of nodes may share a directory, for all of them have the same index: each file is
 * written under a name of its own, and then is there as a whole. Nothing is believed because of a
 * file's name, which only tells what to look at first. For one thread at a time.
 */
public final class SnapshotDirectory {
  /** What is free beside a snapshot, as a multiple of its size, or else it is not written. */
  static final int FREE_TIMES = 2;

  /** More than a key takes in a file, metadata apart. */
  static final int BYTES_PER_KEY = 200;

  private static final Logger LOG = LoggerFactory.getLogger(SnapshotDirectory.class);
  private static final FileAttribute<?> PRIVATE_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<?> PRIVATE_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** What follows on the log's id: the position, in as many digits as the highest one has. */
  private static final String NAME = "-[0-9]{19}\\.index";

  private static final String UNFINISHED = ".part";

  /** What was not written to for so long was left behind by a process that died. */
  private static final Duration UNFINISHED_MAX = Duration.ofHours(1);

  private static final int BUFFER_BYTES = 1 << 23;
  private static final Duration BETWEEN_PROGRESS = Duration.ofSeconds(1);

  private final Path directory;
  private final Peppers peppers;
  private final Supplier<Head> head;
  private final LongFunction<Optional<Leaf>> leafAt;

  /** Of the log that the index is built from. */
  private @Nullable Head loadedFrom;

  /** The file that was loaded or written last, and its position. */
  private @Nullable Path latest;

  private long position;

  /**
   * @param directory made when something is written to it
   * @param head where the log ends
   * @param leafAt what the log has at a position
   */
  public SnapshotDirectory(
      Path directory, Peppers peppers, Supplier<Head> head, LongFunction<Optional<Leaf>> leafAt) {
    this.directory = directory;
    this.peppers = peppers;
    this.head = head;
    this.leafAt = leafAt;
  }

  /**
   * The index of the newest snapshot that is good, or else an empty one. Says in the log what is
   * used, and of each file that is not, why.
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
        // Another node has written a newer one meanwhile.
      } catch (IOException e) {
        LOG.warn("snapshot {} is not used: it cannot be read: {}", file, e.toString());
      }
    }
    LOG.info("no snapshot to start from: the index is built from all {} events", now.position());
    return new KeyIndex();
  }

  /**
   * Writes a snapshot and deletes those that it makes superfluous.
   *
   * @param calledOff asked now and then; once it is true, nothing is written
   * @return whether it was written
   * @throws IOException if it could not be written; nothing is left of it
   * @throws StoreUnavailableException if the log cannot be reached
   */
  public boolean write(IndexSnapshot snapshot, BooleanSupplier calledOff) throws IOException {
    SnapshotOrigin origin = originOf(snapshot);
    Files.createDirectories(directory, PRIVATE_DIRECTORY);
    requireRoom(
        (long) snapshot.keys() * BYTES_PER_KEY, Files.getFileStore(directory).getUsableSpace());
    Path file = directory.resolve("%s-%019d.index".formatted(origin.storeId(), origin.position()));
    Path unfinished = directory.resolve(file.getFileName() + "-" + UUID.randomUUID() + UNFINISHED);
    try {
      if (!write(unfinished, snapshot, origin, calledOff)) {
        return false;
      }
      Files.move(unfinished, file, ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
    try (FileChannel entries = FileChannel.open(directory, READ)) {
      entries.force(true);
    }
    deleteBut(file, latest, origin.storeId());
    latest = file;
    position = origin.position();
    return true;
  }

  /** The position of what was loaded or written last; 0 if there was none. */
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
      throw e; // it is not the snapshot's fault
    } catch (RuntimeException e) {
      throw new SnapshotRefusedException("cannot be read: " + e);
    }
  }

  /** That it stands on an event which the log still has, in this incarnation. */
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

  /** What the log has at the position of the snapshot must be the event that was applied there. */
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

  /** A snapshot must not be what fills a disk that others need. */
  static void requireRoom(long bytes, long free) throws IOException {
    if (free / FREE_TIMES < bytes) {
      throw new IOException("it needs some %d bytes, %d are free".formatted(bytes, free));
    }
  }

  private boolean write(
      Path file, IndexSnapshot snapshot, SnapshotOrigin origin, BooleanSupplier calledOff)
      throws IOException {
    // Written through bit by bit, so that nothing has to be waited for at the end.
    try (FileChannel channel =
            FileChannel.open(file, Set.of(CREATE_NEW, WRITE, DSYNC), PRIVATE_FILE);
        OutputStream out =
            new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES)) {
      return snapshot.write(out, origin, peppers, calledOff);
    }
  }

  /** The snapshots that say they are of that log, the highest position first. */
  private List<Path> files(UUID storeId) {
    var names = Pattern.compile(storeId + NAME);
    try (Stream<Path> all = Files.list(directory)) {
      return all.filter(file -> names.matcher(file.getFileName().toString()).matches())
          .sorted(Comparator.reverseOrder())
          .toList();
    } catch (NoSuchFileException _) {
      return List.of();
    } catch (IOException e) {
      LOG.warn("snapshots in {} cannot be looked for: {}", directory, e.toString());
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
