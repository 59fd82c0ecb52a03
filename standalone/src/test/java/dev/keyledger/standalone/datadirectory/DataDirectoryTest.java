package dev.keyledger.standalone.datadirectory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keyledger.launch.StartupRefusedException;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir private Path directory;

  @Test
  void isPrivateEvenIfItWasMadeForAll() throws IOException {
    Path made = Files.createDirectory(directory.resolve("data"));
    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxrwxrwx"));

    try (var data = DataDirectory.open(made)) {
      assertThat(mode(data.path())).isEqualTo("rwx------");
      assertThat(mode(data.path().resolve(DataDirectory.LOCK_FILE))).isEqualTo("rw-------");
    }
  }

  @Test
  void isUsedByOneAtATimeAndByTheNextAfterwards() throws IOException {
    try (var _ = DataDirectory.open(directory)) {
      assertThatThrownBy(() -> DataDirectory.open(directory))
          .isInstanceOf(StartupRefusedException.class)
          .hasMessageContainingAll("in use by another Keyledger", pid())
          .hasMessageMatching(".*");
    }
    try (var again = DataDirectory.open(directory)) {
      assertThat(again.path()).isEqualTo(directory.toRealPath());
    }
  }

  @Test
  void aRefusedSecondUserDoesNotReleaseTheFirstOnesLock() throws IOException {
    try (var _ = DataDirectory.open(directory)) {
      assertThatThrownBy(() -> DataDirectory.open(directory))
          .isInstanceOf(StartupRefusedException.class);

      assertThat(Files.readString(Path.of("/proc/locks"))).contains(" " + pid() + " ");
    }
  }

  @Test
  void staysLockedThoughNobodyRefersToItAnyMore() throws IOException {
    Path lock = openAndForget();
    String inode = ":" + Files.getAttribute(lock, "unix:ino") + " ";
    var collected = new CountDownLatch(1);
    Cleaner.create().register(new Object(), collected::countDown);
    await()
        .until(() -> {
          System.gc();
          return collected.getCount() == 0;
        });

    assertThat(Files.readAllLines(Path.of("/proc/locks")))
        .anyMatch(line -> line.contains(" " + pid() + " ") && line.contains(inode));
  }

  private Path openAndForget() throws IOException {
    return DataDirectory.open(directory).path().resolve(DataDirectory.LOCK_FILE);
  }

  @Test
  void aForeignDirectoryIsLeftUnchanged() throws IOException {
    Files.createFile(directory.resolve("thesis.txt"));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));

    assertThatThrownBy(() -> DataDirectory.open(directory))
        .isInstanceOf(StartupRefusedException.class)
        .hasMessageContaining("not Keyledger's");

    assertThat(mode(directory)).isEqualTo("rwxr-xr-x");
    assertThat(directory).isDirectoryNotContaining("glob:**" + DataDirectory.LOCK_FILE);
  }

  @Test
  void aDirectoryOfAQuerySideIsAccepted() throws IOException {
    Files.createDirectories(directory.resolve("snapshots"));
    try (var data = DataDirectory.open(directory)) {
      assertThat(data.path().resolve("snapshots")).exists();
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static String pid() {
    return Long.toString(ProcessHandle.current().pid());
  }
}
