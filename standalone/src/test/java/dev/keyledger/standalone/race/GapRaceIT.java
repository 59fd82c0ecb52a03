package dev.keyledger.standalone.race;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.OwnDatabase;
import dev.keyledger.standalone.process.ReplicatedDatabase;
import dev.keyledger.standalone.race.GapRace.Harm;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The absence of gaps for every reader, on a primary and on a streaming replica, whatever rivals
 * do. A million appends: {@code mvn verify -Plong}; to repeat a race: {@code
 * -Dkeyledger.race.seed=}. The short form is the log's own GapRaceTest.
 */
class GapRaceIT {
  private static final long APPENDS = Long.getLong("keyledger.race.appends", 1_000_000);
  private static final long SEED = Long.getLong("keyledger.race.seed", System.nanoTime());
  private static final List<Harm> HARMS =
      List.of(
          Rival::harm,
          Rival::harm,
          rival -> rival.endBackendOf("keyledger appender"),
          rival -> rival.endBackendOf("keyledger tail"));

  /** Checks that the race detects a violation. */
  @Test
  @Timeout(180)
  void aWriterThatBypassesTheHeadIsCaughtByEveryReader(@TempDir Path directory) throws Exception {
    try (OwnDatabase database = OwnDatabase.start(directory);
        var race = new GapRace(database.settings(), null, 5_000, SEED)) {
      assertThat(race.run(List.of(Rival::bypassHead)))
          .as("seed %d", SEED)
          .anyMatch(fault -> fault.contains("a poller"))
          .anyMatch(fault -> fault.contains("a node's own tail"))
          .anyMatch(fault -> fault.contains("a tail of another node"));
    }
  }

  @Test
  @Tag("long")
  @Tag("tools")
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void aReplicaShowsTheSameOrder() throws Exception {
    try (ReplicatedDatabase database = ReplicatedDatabase.start()) {
      try (var race = new GapRace(database.primary(), database.replica(), APPENDS, SEED)) {
        assertThat(race.run(HARMS)).as("seed %d", SEED).isEmpty();
      }
    }
  }
}
