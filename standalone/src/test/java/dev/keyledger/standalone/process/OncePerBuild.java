package dev.keyledger.standalone.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Files that are expensive to create and the same for all tests. The first process that needs them
 * creates them below {@code target/once}, which each build deletes at its start.
 */
public final class OncePerBuild {
  private static final Path HOME = Path.of("target/once").toAbsolutePath();

  /** Fills an empty directory. */
  @FunctionalInterface
  public interface Maker {
    void fill(Path directory) throws IOException, InterruptedException;
  }

  private OncePerBuild() {}

  /**
   * Returns the complete directory with a name.
   *
   * @throws IllegalStateException if interrupted
   */
  public static synchronized Path directory(String name, Maker maker) {
    Path directory = HOME.resolve(name);
    try {
      Files.createDirectories(HOME);
      try (FileChannel lock =
          FileChannel.open(
              HOME.resolve(name + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        lock.lock();
        if (!Files.exists(directory)) {
          Path unfinished = Files.createTempDirectory(HOME, name + "-");
          maker.fill(unfinished);
          Files.move(unfinished, directory, StandardCopyOption.ATOMIC_MOVE);
        }
      }
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
