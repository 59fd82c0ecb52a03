package dev.keyledger.log.proofs;

import dev.keyledger.files.PrivateFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The last checkpoint that this node has signed, in a file. Not thread-safe.
 *
 * <p>Its methods throw {@link UncheckedIOException} if the file cannot be read or written.
 */
public final class LastSigned {
  private final Path file;
  private final List<Path> others;

  /**
   * @param file need not exist; nodes that share it may have signed for one another
   */
  public LastSigned(Path file) {
    this(file, List.of());
  }

  private LastSigned(Path file, List<Path> others) {
    this.file = file;
    this.others = others;
  }

  /** Returns the same with another file that is read, but not written. */
  public LastSigned alsoIn(Path other) {
    return new LastSigned(file, List.of(other));
  }

  /**
   * Returns the checkpoint, the largest one if there are several; {@link Checkpoint#NONE} if none
   * of that log was signed.
   */
  Checkpoint of(String origin) {
    Checkpoint last = in(file, origin);
    for (Path other : others) {
      Checkpoint there = in(other, origin);
      last = there.size() > last.size() ? there : last;
    }
    return last;
  }

  private static Checkpoint in(Path file, String origin) {
    try {
      Checkpoint kept = Checkpoint.parse(Files.readString(file));
      return kept.origin().equals(origin) ? kept : Checkpoint.NONE;
    } catch (NoSuchFileException _) {
      return Checkpoint.NONE;
    } catch (IllegalArgumentException e) {
      throw new IllegalStateException(file + " does not hold a checkpoint", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stores a checkpoint durably, in place of the previous one. */
  void remember(String note) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Path written = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(written, note);
      try (FileChannel channel = FileChannel.open(written, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      Files.move(
          written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      PrivateFiles.here().force(file.toAbsolutePath().resolveSibling(""));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
