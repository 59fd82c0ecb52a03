package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

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
