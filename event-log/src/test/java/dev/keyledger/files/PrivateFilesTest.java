package dev.keyledger.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PrivateFilesTest {
  @TempDir Path directory;

  @Test
  void whereThereAreModesOthersMayDoNothing() throws IOException {
    PrivateFiles files = PrivateFiles.here();

    assertThat(files).isEqualTo(PrivateFiles.POSIX);
    assertThat(mode(Files.createFile(directory.resolve("file"), files.file())))
        .isEqualTo("rw-------");
    assertThat(mode(Files.createFile(directory.resolve("program"), files.program())))
        .isEqualTo("rwx------");
    assertThat(mode(Files.createDirectory(directory.resolve("directory"), files.directory())))
        .isEqualTo("rwx------");
  }

  @Test
  void filesReadableByOthersAreFoundAndClosed() throws IOException {
    Path open = Files.createDirectory(directory.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-x---"));
    PrivateFiles.POSIX.closeDirectory(open);
    assertThat(mode(open)).isEqualTo("rwx------");

    Path file = Files.createFile(open.resolve("file"), PrivateFiles.POSIX.file());
    assertThat(PrivateFiles.POSIX.mayBeReadByOthers(file)).isFalse();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw----r--"));
    assertThat(PrivateFiles.POSIX.mayBeReadByOthers(file)).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void eachWayMakesFilesAndDirectories(PrivateFiles files) throws IOException {
    Path made = Files.createDirectory(directory.resolve("made"), files.directory());
    files.closeDirectory(made);
    Path file = Files.createFile(made.resolve("file"), files.file());
    files.force(made);

    assertThat(files.mayBeReadByOthers(file)).isFalse();
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
