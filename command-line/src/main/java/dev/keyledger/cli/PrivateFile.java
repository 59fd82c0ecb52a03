package dev.keyledger.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Files that only their owner can read: mode 600, where the file system has modes. */
final class PrivateFile {
  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("---rwxrwx");

  private PrivateFile() {}

  /**
   * Creates an empty file.
   *
   * @throws RefusedException if it exists, or cannot be created
   */
  static Path create(Path file) {
    try {
      return Files.createFile(file, mode(file, "rw-------"));
    } catch (FileAlreadyExistsException _) {
      throw new RefusedException(ExitCode.FILE, file + " exists. Name another file, or remove it.");
    } catch (IOException e) {
      throw refused(file, "cannot be written", e);
    }
  }

  /** Writes lines to a file from {@link #create}. */
  static void fill(Path file, String text) {
    try {
      Files.writeString(file, text, UTF_8, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw refused(file, "cannot be written", e);
    }
  }

  /** Writes a file atomically; creates its directory, mode 700. */
  static void replace(Path file, String text) {
    try {
      Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
      Path directory = target.getParent();
      if (directory == null) {
        throw new RefusedException(ExitCode.FILE, file + " is no file.");
      }
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory, mode(Path.of("").toAbsolutePath(), "rwx------"));
      }
      Path draft = Files.createTempFile(directory, ".keyledger-", "", mode(directory, "rw-------"));
      try {
        Files.writeString(draft, text, UTF_8);
        Files.move(draft, target, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(draft);
      }
    } catch (IOException e) {
      throw refused(file, "cannot be written", e);
    }
  }

  /** Reads a file. */
  static String read(Path file) {
    try {
      return Files.readString(file, UTF_8);
    } catch (IOException e) {
      throw refused(file, "cannot be read", e);
    }
  }

  /** Returns whether other users may read a file. */
  static boolean isOpen(Path file) {
    try {
      return hasModes(file)
          && Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains);
    } catch (IOException e) {
      throw refused(file, "cannot be read", e);
    }
  }

  static RefusedException refused(Path file, String what, IOException cause) {
    var refused =
        new RefusedException(ExitCode.FILE, "%s %s: %s".formatted(file, what, cause.getMessage()));
    refused.initCause(cause);
    return refused;
  }

  /** Deletes a file if it exists. */
  static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw refused(file, "cannot be removed", e);
    }
  }

  private static FileAttribute<?>[] mode(Path near, String mode) {
    return hasModes(near)
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode))
        }
        : new FileAttribute<?>[0];
  }

  private static boolean hasModes(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
