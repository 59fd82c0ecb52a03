package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Of two that begin at once where nothing is yet, one wins and the other says why it did not. */
@Timeout(240)
class FirstBootIT {
  @Test
  void onOneDataDirectory(@TempDir Path directory) throws Exception {
    Path shared = directory.resolve("data");
    Map<String, String> environment = Map.of("KEYLEDGER_DATA_DIR", shared.toString());
    try (var one = KeyledgerProcess.launch(Application.STANDALONE, environment);
        var two = KeyledgerProcess.launch(Application.STANDALONE, environment)) {
      KeyledgerProcess loser = refused(one, two);
      KeyledgerProcess winner = loser == one ? two : one;

      assertThat(loser.awaitExit()).isEqualTo(1);
      assertThat(loser.output())
          .startsWith("The data directory " + shared.toRealPath() + " is in use")
          .hasLineCount(1);
      winner.awaitReady();
      String rootKey = Files.readString(shared.resolve("secrets/root.key")).strip();
      assertThat(winner.output())
          .doesNotContain(rootKey)
          .contains("kept in " + shared.toRealPath().resolve("secrets/root.key"));
      assertThat(winner.client().bearer(rootKey).get("/v1/keys").status()).isEqualTo(200);
      winner.terminate();
    }
  }

  @Test
  void onOneDatabaseWithADataDirectoryEach(@TempDir Path directory) throws Exception {
    try (OwnDatabase database = OwnDatabase.start(directory)) {
      Map<String, String> environment = new HashMap<>(database.environment());
      environment.remove("KEYLEDGER_PEPPERS");
      environment.remove("KEYLEDGER_ROOT_KEY");
      try (var one = KeyledgerProcess.launch(Application.STANDALONE, environment);
          var two = KeyledgerProcess.launch(Application.STANDALONE, environment)) {
        KeyledgerProcess loser = refused(one, two);
        KeyledgerProcess winner = loser == one ? two : one;

        assertThat(loser.awaitExit()).isEqualTo(1);
        assertThat(loser.output())
            .contains("The pepper of version 1 is not the one that this database was first used")
            .doesNotContain("\tat ");
        winner.awaitReady();
        IssuedKey key = winner.issuer().issued("read:users");
        winner.restart();
        assertThat(winner.issuer().codeOf(key.secret())).isEqualTo("VALID");
      }
    }
  }

  private static KeyledgerProcess refused(KeyledgerProcess one, KeyledgerProcess two) {
    return await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> List.of(one, two).stream().filter(process -> !process.isAlive()).toList(),
            ended -> !ended.isEmpty())
        .getFirst();
  }
}
