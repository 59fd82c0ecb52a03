package dev.keyledger.standalone.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.KeyledgerProcess.CommandResult;
import dev.keyledger.standalone.process.OwnDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two nodes that start at once without data: one wins and the other reports why it did not. The
 * winner is the released jar itself, and restarts after a kill.
 */
@Timeout(240)
class FirstBootIT {
  @Test
  void onOneDataDirectory(@TempDir Path directory) throws Exception {
    Path shared = directory.resolve("data");
    Map<String, String> environment = Map.of("KEYLEDGER_DATA_DIR", shared.toString());
    try (var one = KeyledgerProcess.firstLaunch(Application.STANDALONE, environment);
        var two = KeyledgerProcess.firstLaunch(Application.STANDALONE, environment)) {
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
      assertRestartsAfterAKill(winner, shared.resolve("postgres"));
      assertThat(winner.output()).doesNotContain(rootKey);
    }
  }

  /** Checks a restart: the killed node leaves its PostgreSQL behind, which the next one stops. */
  private static void assertRestartsAfterAKill(KeyledgerProcess killed, Path postgres)
      throws IOException {
    Path pidFile = postgres.resolve("data/postmaster.pid");
    killed.kill9();
    assertThat(pidFile).exists();

    killed.restart();

    assertThat(killed.output()).contains("left by a killed Keyledger");
    killed.terminate();
    assertThat(pidFile).doesNotExist();
    assertThat(Files.readString(postgres.resolve("postgresql.log")))
        .endsWith("database system is shut down\n");
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
        assertThat(winner.dataDirectory().resolve("postgres")).doesNotExist();
        assertSucceeds(winner, "check", "1 events of 1 keys: sound");
        assertSucceeds(winner, "rebuild", "audit: rebuilt up to position 1");
        winner.restart();
        assertThat(winner.issuer().codeOf(key.secret())).isEqualTo("VALID");
      }
    }
  }

  /** Runs a command during the run of a node, on its data directory. */
  private static void assertSucceeds(KeyledgerProcess node, String command, String output) {
    CommandResult result = node.commandBeside(command);
    assertThat(result.output()).contains(output);
    assertThat(result.exitCode()).isZero();
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
