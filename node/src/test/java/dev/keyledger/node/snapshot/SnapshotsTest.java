package dev.keyledger.node.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The schedule of snapshots. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class SnapshotsTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path data;

  private final TestNode node = new TestNode();

  @Test
  void whenEnoughHasChanged() {
    SnapshotDirectory directory = node.directory(data);
    node.start(directory);
    node.issue(Snapshots.EVENTS_MIN);
    try (var snapshots = new Snapshots(directory, node.index, Duration.ofMillis(1))) {
      snapshots.start();
      await().atMost(LONG).until(() -> positionOnDisk() == Snapshots.EVENTS_MIN);
    }
  }

  @Test
  void notBefore() {
    assertThat(Snapshots.isDue(Snapshots.EVENTS_MIN - 1, 5)).isFalse();
    assertThat(Snapshots.isDue(Snapshots.EVENTS_MIN, 5)).isTrue();
    int many = Snapshots.EVENTS_MIN * Snapshots.KEYS_PER_EVENT * 2;
    assertThat(Snapshots.isDue(2 * Snapshots.EVENTS_MIN - 1, many)).isFalse();
    assertThat(Snapshots.isDue(2 * Snapshots.EVENTS_MIN, many)).isTrue();
  }

  @Test
  void atTheEndWhatIsNotOnDiskYet() {
    SnapshotDirectory directory = node.directory(data);
    node.start(directory);
    node.issue(1);
    end(directory);
    assertThat(positionOnDisk()).isEqualTo(1);
  }

  /** Waits until the tail follows the log. */
  @Test
  void eventsAppliedBeforeTheStartAreNotOnDiskEither() {
    node.issue(1);
    SnapshotDirectory directory = node.directory(data);
    node.start(directory);
    end(directory);
    assertThat(positionOnDisk()).isEqualTo(1);
  }

  @Test
  void nothingAtTheEndIfNothingHasChanged(CapturedOutput output) {
    node.issue(1);
    SnapshotDirectory directory = node.directory(data);
    node.start(directory);
    end(directory);
    SnapshotDirectory again = node.directory(data);
    node.start(again);
    end(again);
    assertThat(output.toString().lines().filter(line -> line.contains("wrote a snapshot")))
        .hasSize(1);
  }

  @Test
  void aFailedWriteCausesOnlyAWarning(CapturedOutput output) throws Exception {
    Path file = Files.createFile(data.resolve("file"));
    SnapshotDirectory directory = node.directory(file.resolve("snapshots"));
    node.start(directory);
    node.issue(Snapshots.EVENTS_MIN);
    try (var snapshots = new Snapshots(directory, node.index, Duration.ofMillis(50))) {
      snapshots.start();
      await().atMost(LONG).until(() -> output.toString().contains("no snapshot was written"));
      node.issue(1);
      assertThat(node.index.position()).isEqualTo(Snapshots.EVENTS_MIN + 1);
    }
  }

  @Test
  void afterAFailureItIsWrittenOnceTheCauseIsGone(CapturedOutput output) throws Exception {
    Path blocked = Files.createFile(data.resolve("snapshots"));
    SnapshotDirectory directory = node.directory(blocked);
    node.start(directory);
    node.issue(Snapshots.EVENTS_MIN);
    try (var snapshots = new Snapshots(directory, node.index, Duration.ofMillis(1))) {
      snapshots.start();
      await().atMost(LONG).until(() -> output.toString().contains("no snapshot was written"));
      Files.delete(blocked);
      await()
          .atMost(LONG)
          .until(() -> node.directory(blocked).load().position() == Snapshots.EVENTS_MIN);
    }
  }

  @Test
  void attemptsAfterFailuresAreEachTwiceAsFarApartUpToAnHour() {
    assertThat(Snapshots.afterFailure(Duration.ofMinutes(1))).isEqualTo(Duration.ofMinutes(2));
    assertThat(Snapshots.afterFailure(Duration.ofMinutes(40))).isEqualTo(Duration.ofHours(1));
    assertThat(Snapshots.afterFailure(Duration.ofHours(1))).isEqualTo(Duration.ofHours(1));
  }

  private void end(SnapshotDirectory directory) {
    try (var snapshots = new Snapshots(directory, node.index)) {
      snapshots.start();
    }
  }

  private long positionOnDisk() {
    return node.directory(data).load().position();
  }
}
