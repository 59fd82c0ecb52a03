package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(120)
class StandaloneIT {
  @Test
  @ExtendWith(SharedStandalone.class)
  void theFirstStartNamesTheFileOfTheRootKey(KeyledgerProcess keyledger) {
    assertThat(keyledger.output())
        .containsOnlyOnce("The root key is kept in " + keyledger.dataDirectory())
        .doesNotContain(keyledger.rootKey());
    assertThat(
            keyledger.client().get("/actuator/health/readiness").body().path("status").asString())
        .isEqualTo("UP");
  }

  @Test
  void aKilledNodeRestartsOnItsDataAndStopsItsDatabase() throws Exception {
    try (var keyledger = KeyledgerProcess.firstStart(Application.STANDALONE, Map.of())) {
      String rootKey = keyledger.rootKey();
      Path pidFile = keyledger.dataDirectory().resolve("postgres/data/postmaster.pid");

      keyledger.kill9();
      assertThat(pidFile).exists();
      keyledger.restart();

      assertThat(keyledger.output()).contains("left by a killed Keyledger").doesNotContain(rootKey);
      keyledger.terminate();
      assertThat(pidFile).doesNotExist();
      assertThat(Files.readString(keyledger.dataDirectory().resolve("postgres/postgresql.log")))
          .endsWith("database system is shut down\n");
    }
  }

  @Test
  @ExtendWith(SharedStandalone.class)
  void aSecondNodeOnTheSameDirectoryIsRejectedWithOneLine(KeyledgerProcess first) {
    try (var second =
        KeyledgerProcess.launch(
            Application.STANDALONE,
            Map.of("KEYLEDGER_DATA_DIR", first.dataDirectory().toString()))) {
      assertThat(second.awaitExit()).isEqualTo(1);
      assertThat(second.output())
          .startsWith("The data directory " + first.dataDirectory() + " is in use")
          .hasLineCount(1);
    }
  }
}
