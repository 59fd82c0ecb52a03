package dev.keyledger.node.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.keyledger.verification.index.IndexSnapshot;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.secret.Peppers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The choice of a snapshot at the start, the refusal of unsuitable files, and their deletion. */
@ExtendWith(OutputCaptureExtension.class)
class SnapshotDirectoryTest {
  @TempDir Path data;

  private final TestNode node = new TestNode();

  @Test
  void aNodeStartsFromWhatItWrote(CapturedOutput output) throws Exception {
    write(5);
    KeyIndex loaded = node.directory(snapshots()).load();
    assertThat(loaded.position()).isEqualTo(5);
    assertThat(loaded.digestOfState()).isEqualTo(node.index.digestOfState());
    assertThat(output).contains("loading 5 keys as of position 5", "loaded 5 keys");
  }

  @Test
  void withoutAnyItStartsFromTheBeginning(CapturedOutput output) {
    node.issue(3);
    assertThat(node.directory(snapshots()).load().position()).isZero();
    assertThat(output).contains("the index is built from all 3 events");
  }

  @Test
  void filesAndTheirDirectoryArePrivate() throws Exception {
    Path file = write(1);
    assertThat(permissions(file)).isEqualTo("rw-------");
    assertThat(permissions(snapshots())).isEqualTo("rwx------");
  }

  @Test
  void theTwoNewestAreKept() throws Exception {
    SnapshotDirectory directory = node.directory(snapshots());
    node.start(directory);
    for (int i = 0; i < 4; i++) {
      node.issue(1);
      directory.write(snapshot(), () -> false);
    }
    assertThat(files()).extracting(SnapshotDirectoryTest::position).containsExactly(3L, 4L);
  }

  @Test
  void theNewestIsUsedThatIsGood(CapturedOutput output) throws Exception {
    SnapshotDirectory directory = node.directory(snapshots());
    node.start(directory);
    node.issue(2);
    directory.write(snapshot(), () -> false);
    node.issue(2);
    directory.write(snapshot(), () -> false);
    Files.write(files().getLast(), new byte[] {0});
    assertThat(node.directory(snapshots()).load().position()).isEqualTo(2);
    assertRefusedOnce(output, "it is not a snapshot");
  }

  /**
   * Checks that refused files are deleted; otherwise they would always be tried first, and be kept
   * instead of a valid one.
   */
  @Test
  void refusedFilesGoWhenANewOneIsThere() throws Exception {
    Path good = write(2);
    for (String position : List.of("0000000000000000050", "9223372036854775807")) {
      Files.copy(good, good.resolveSibling(TestNode.STORE + "-" + position + ".index"));
      Files.write(good.resolveSibling(TestNode.STORE + "-" + position + ".index"), new byte[9]);
    }
    SnapshotDirectory directory = node.directory(snapshots());
    assertThat(node.start(directory).position()).isEqualTo(2);
    node.issue(1);
    directory.write(snapshot(), () -> false);
    assertThat(files()).extracting(SnapshotDirectoryTest::position).containsExactly(2L, 3L);
  }

  @Test
  void oneOfAnotherLogIsRefused(CapturedOutput output) throws Exception {
    node.storeId = UUID.fromString("ffffffff-0000-0001-0000-000000000002");
    Path foreign = write(4);
    node.storeId = TestNode.STORE;
    Files.move(foreign, foreign.resolveSibling(TestNode.STORE + "-0000000000000000004.index"));
    assertNothingLoaded();
    assertRefusedOnce(output, "it is of another log, ffffffff-0000-0001-0000-000000000002");
  }

  @Test
  void filesOfAnotherLogAreLeftAlone() throws Exception {
    node.storeId = UUID.fromString("ffffffff-0000-0001-0000-000000000002");
    Path foreign = write(4);
    node.storeId = TestNode.STORE;
    write(1);
    assertThat(foreign).exists();
  }

  @Test
  void oneOfAnotherIncarnationIsRefused(CapturedOutput output) throws Exception {
    write(4);
    node.incarnation = 2;
    assertNothingLoaded();
    assertRefusedOnce(output, "it is of incarnation 1 of the log, which is in its 2");
  }

  @Test
  void oneBeyondTheHeadIsRefused(CapturedOutput output) throws Exception {
    write(4);
    node.events.removeLast();
    assertNothingLoaded();
    assertRefusedOnce(output, "it is of position 4, and the log ends at 3");
  }

  @Test
  void oneAtTheHeadIsUsed() throws Exception {
    write(4);
    assertThat(node.directory(snapshots()).load().position()).isEqualTo(4);
  }

  /** Checks a log that was rolled back and continued by other nodes under the same incarnation. */
  @Test
  void oneOfAnEventThatTheLogHasNoMoreIsRefused(CapturedOutput output) throws Exception {
    write(4);
    node.events.removeLast();
    node.index = new KeyIndex();
    node.request = "another request";
    node.issue(5);
    assertNothingLoaded();
    assertRefusedOnce(output, "it is of an event at 4 that is not the log's");
  }

  @Test
  void oneUnderAPepperThatIsNotThereIsRefused(CapturedOutput output) throws Exception {
    write(4);
    Peppers others = Peppers.parse("2:" + "B".repeat(43) + "=");
    assertThat(node.directory(snapshots(), others).load().position()).isZero();
    assertRefusedOnce(output, "it was made under pepper 1, which is not configured");
  }

  @Test
  void aForgedOneIsRefused(CapturedOutput output) throws Exception {
    node.issue(4);
    Peppers others = Peppers.parse("1:" + "B".repeat(43) + "=");
    SnapshotDirectory forger = node.directory(snapshots(), others);
    forger.load();
    forger.write(snapshot(), () -> false);
    assertNothingLoaded();
    assertRefusedOnce(output, "it is damaged or forged");
  }

  @Test
  void aDamagedOneIsRefused(CapturedOutput output) throws Exception {
    Path file = write(4);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertNothingLoaded();
    assertRefusedOnce(output, "it is damaged or forged");
  }

  @Test
  void oneThatCannotBeReadIsRefused(CapturedOutput output) throws Exception {
    Files.createDirectories(snapshots().resolve(TestNode.STORE + "-0000000000000000004.index"));
    node.issue(4);
    assertNothingLoaded();
    assertRefusedOnce(output, "it cannot be read");
  }

  @Test
  void nothingIsWrittenFromALogThatWasReplaced() {
    SnapshotDirectory directory = node.directory(snapshots());
    node.start(directory);
    node.issue(2);
    IndexSnapshot snapshot = snapshot();
    node.incarnation = 2;
    assertNotWritten(directory, snapshot);
    node.incarnation = 1;
    node.storeId = new UUID(5, 5);
    assertNotWritten(directory, snapshot);
    node.storeId = TestNode.STORE;
    node.events.removeLast();
    assertNotWritten(directory, snapshot);
    node.index = new KeyIndex();
    node.request = "another request";
    node.issue(1);
    assertNotWritten(directory, snapshot);
    assertThat(snapshots()).doesNotExist();
  }

  @Test
  void anAbortedSnapshotLeavesNothing() throws Exception {
    SnapshotDirectory directory = node.directory(snapshots());
    node.start(directory);
    node.issue(2);
    assertThat(directory.write(snapshot(), () -> true)).isFalse();
    assertThat(files()).isEmpty();
  }

  @Test
  void filesOfADeadProcessAreDeletedAfterAnHour() throws Exception {
    SnapshotDirectory directory = node.directory(snapshots());
    node.start(directory);
    node.issue(1);
    directory.write(snapshot(), () -> false);
    FileTime now = Files.getLastModifiedTime(files().getFirst());
    Path old = unfinished("old", now.toInstant().minus(Duration.ofHours(2)));
    Path young = unfinished("young", now.toInstant().minus(Duration.ofMinutes(1)));
    assertThat(node.directory(snapshots()).load().position()).isEqualTo(1);
    node.issue(1);
    directory.write(snapshot(), () -> false);
    assertThat(old).doesNotExist();
    assertThat(young).exists();
  }

  @Test
  void twoNodesMayShareADirectory() throws Exception {
    SnapshotDirectory one = node.directory(snapshots());
    node.start(one);
    SnapshotDirectory other = node.directory(snapshots());
    other.load();
    for (int i = 0; i < 3; i++) {
      node.issue(1);
      one.write(snapshot(), () -> false);
      node.issue(1);
      other.write(snapshot(), () -> false);
      assertThat(node.directory(snapshots()).load().position()).isEqualTo(node.events.size());
    }
    assertThat(files()).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void aFullDiskIsNotFilledFurther() throws Exception {
    SnapshotDirectory.requireRoom(100, 200);
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> SnapshotDirectory.requireRoom(100, 199))
        .withMessage("it needs about 100 bytes, and 199 are free");
  }

  private Path snapshots() {
    return data.resolve("data/snapshots");
  }

  /** Returns the file that a node writes which has that many keys. */
  private Path write(int keys) throws IOException {
    SnapshotDirectory directory = node.directory(snapshots());
    node.start(directory);
    node.issue(keys - node.events.size());
    directory.write(snapshot(), () -> false);
    return files().stream()
        .filter(file -> file.toString().contains(node.storeId.toString()))
        .toList()
        .getLast();
  }

  private IndexSnapshot snapshot() {
    return node.index.snapshot().orElseThrow();
  }

  private Path unfinished(String name, java.time.Instant modified) throws IOException {
    Path file = Files.createFile(snapshots().resolve(name + ".part"));
    Files.setLastModifiedTime(file, FileTime.from(modified));
    return file;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(snapshots())) {
      return files.sorted().toList();
    }
  }

  private static long position(Path file) {
    return Long.parseLong(file.getFileName().toString().substring(37, 56));
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private void assertNothingLoaded() {
    assertThat(node.directory(snapshots()).load().position()).isZero();
  }

  private static void assertNotWritten(SnapshotDirectory directory, IndexSnapshot snapshot) {
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> directory.write(snapshot, () -> false))
        .withMessage("the log is not the one that the index was built from");
  }

  private static void assertRefusedOnce(CapturedOutput output, String reason) {
    assertThat(output.toString().lines().filter(line -> line.contains("is not used:")))
        .singleElement()
        .asString()
        .contains(reason);
  }
}
