package dev.keyledger.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Creates files that only their owner may use: with an explicit mode where the file system has
 * modes (POSIX). Elsewhere, on Windows, a file inherits the access list of its directory.
 */
public enum PrivateFiles {
  POSIX {
    @Override
    FileAttribute<?>[] mode(String permissions) {
      return new FileAttribute<?>[] {
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
      };
    }

    @Override
    public boolean mayBeReadByOthers(Path file) throws IOException {
      return !FILE.containsAll(Files.getPosixFilePermissions(file));
    }

    @Override
    public void closeDirectory(Path directory) throws IOException {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(PROGRAM_MODE));
    }

    @Override
    public void force(Path directory) throws IOException {
      try (var entries = FileChannel.open(directory, StandardOpenOption.READ)) {
        entries.force(true);
      }
    }
  },

  INHERITED {
    @Override
    FileAttribute<?>[] mode(String permissions) {
      return new FileAttribute<?>[0];
    }

    @Override
    public boolean mayBeReadByOthers(Path file) {
      return false;
    }

    @Override
    public void closeDirectory(Path directory) {}

    @Override
    public void force(Path directory) {}
  };

  private static final String FILE_MODE = "rw-------";
  private static final String PROGRAM_MODE = "rwx------";
  private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString(FILE_MODE);

  private static final PrivateFiles HERE =
      FileSystems.getDefault().supportedFileAttributeViews().contains("posix") ? POSIX : INHERITED;

  /** Returns the way of this machine. */
  public static PrivateFiles here() {
    return HERE;
  }

  abstract FileAttribute<?>[] mode(String permissions);

  /** Returns the attributes of a new file. */
  public FileAttribute<?>[] file() {
    return mode(FILE_MODE);
  }

  /** Returns the attributes of a new program. */
  public FileAttribute<?>[] program() {
    return mode(PROGRAM_MODE);
  }

  /** Returns the attributes of a new directory. */
  public FileAttribute<?>[] directory() {
    return mode(PROGRAM_MODE);
  }

  /** Returns whether a file's own mode lets others use it. */
  public abstract boolean mayBeReadByOthers(Path file) throws IOException;

  /** Closes an existing directory to others. */
  public abstract void closeDirectory(Path directory) throws IOException;

  /** Flushes the entries of a directory to disk, where the platform supports that. */
  public abstract void force(Path directory) throws IOException;
}
