package dev.keyledger.standalone.datadirectory;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.keyledger.files.PrivateFiles;
import dev.keyledger.launch.StartupRefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A data directory in use by this process and by no other: mode 700, locked from {@link #open} to
 * {@link #close}. The operating system releases the lock when the process dies, for whatever
 * reason.
 *
 * <p>Thread-safe.
 */
public final class DataDirectory implements AutoCloseable {
  static final String LOCK_FILE = "keyledger.lock";

  /** The only content of a query side's data directory that may be present without a lock file. */
  private static final String SNAPSHOTS = "snapshots";

  /**
   * The locks that this process holds. A second channel on a lock file must not even be opened
   * here: closing it would release the lock that the first one holds (POSIX). The garbage collector
   * closes a channel that is no longer referenced.
   */
  private static final Map<Path, FileChannel> OPEN_IN_THIS_PROCESS = new ConcurrentHashMap<>();

  private final Path path;
  private final FileChannel lock;

  private DataDirectory(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Opens a directory, and creates it if it does not exist.
   *
   * @throws StartupRefusedException if another process uses it, or if it already has other content,
   *     because its mode is changed
   */
  public static DataDirectory open(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory, PrivateFiles.here().directory());
    }
    Path path = directory.toRealPath();
    synchronized (OPEN_IN_THIS_PROCESS) {
      if (OPEN_IN_THIS_PROCESS.containsKey(path)) {
        throw inUse(path, Long.toString(ProcessHandle.current().pid()));
      }
      refuseWhatIsNotOurs(path);
      FileChannel lock = lock(path);
      OPEN_IN_THIS_PROCESS.put(path, lock);
      return new DataDirectory(path, lock);
    }
  }

  /** Returns the directory: absolute, without symbolic links. */
  public Path path() {
    return path;
  }

  /** Returns the directory of the embedded PostgreSQL. */
  public Path postgres() {
    return path.resolve("postgres");
  }

  /**
   * Returns the directory of the embedded PostgreSQL's data; absent until the first start is
   * complete.
   */
  public Path postgresData() {
    return postgresData(path);
  }

  /** Returns the same for a directory that another process may be using. */
  public static Path postgresData(Path directory) {
    return directory.resolve("postgres/data");
  }

  /** Releases the directory. Idempotent. */
  @Override
  public void close() throws IOException {
    if (lock.isOpen()) {
      lock.close();
      OPEN_IN_THIS_PROCESS.remove(path);
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }

  private static void refuseWhatIsNotOurs(Path path) throws IOException {
    try (Stream<Path> content = Files.list(path)) {
      boolean isInUse = content.anyMatch(file -> !file.endsWith(SNAPSHOTS));
      if (isInUse && !Files.exists(path.resolve(LOCK_FILE))) {
        throw new StartupRefusedException(
            "The data directory %s is not empty, and not Keyledger's. Name another one with"
                    .formatted(path)
                + " KEYLEDGER_DATA_DIR.");
      }
    }
  }

  private static FileChannel lock(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path.resolve(LOCK_FILE), Set.of(CREATE, READ, WRITE), PrivateFiles.here().file());
    boolean locked = false;
    try {
      if (channel.tryLock() == null) {
        throw inUse(path, read(channel));
      }
      PrivateFiles.here().closeDirectory(path);
      channel.truncate(0);
      channel.write(StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n"), 0);
      locked = true;
      return channel;
    } finally {
      if (!locked) {
        channel.close();
      }
    }
  }

  private static String read(FileChannel channel) throws IOException {
    var bytes = ByteBuffer.allocate(20);
    channel.read(bytes, 0);
    return StandardCharsets.US_ASCII.decode(bytes.flip()).toString().strip();
  }

  private static StartupRefusedException inUse(Path path, String holder) {
    return new StartupRefusedException(
        "The data directory %s is in use by another Keyledger (process %s). End that one, or name"
                .formatted(path, holder)
            + " another directory with KEYLEDGER_DATA_DIR.");
  }
}
