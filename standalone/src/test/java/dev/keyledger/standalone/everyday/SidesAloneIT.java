package dev.keyledger.standalone.everyday;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.Issuer;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.KeyledgerProcess.CommandResult;
import dev.keyledger.standalone.process.OwnDatabase;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Each side as a separate process, on one PostgreSQL that neither of them started. */
@Timeout(360)
class SidesAloneIT {
  @Test
  void eventsOfOneSideAreKnownToTheOther(@TempDir Path directory) throws Exception {
    try (OwnDatabase database = OwnDatabase.start(directory);
        KeyledgerProcess command =
            KeyledgerProcess.firstStart(Application.COMMAND_SIDE, sharing(directory, database));
        KeyledgerProcess query =
            KeyledgerProcess.firstStart(Application.QUERY_SIDE, sharing(directory, database))) {

      Issuer issuer = command.issuer();
      IssuedKey key = issuer.issued("read:users");
      assertThat(since(query, key.answer()).codeOf(key.secret())).isEqualTo("VALID");
      assertThat(since(query, key.answer()).read(key).path("status").asString())
          .isEqualTo("active");

      Answer revoked = issuer.command(key, "revoke", "{\"reason\": \"it was seen elsewhere\"}");
      assertThat(since(query, revoked).codeOf(key.secret())).isEqualTo("REVOKED");
      assertThat(
              query
                  .client()
                  .bearer(key.secret())
                  .get("/v1/forward-auth?atLeast=" + revoked.header("Keyledger-Position"))
                  .status())
          .isEqualTo(401);
      assertThat(since(query, revoked).history(key)).hasSize(2);

      assertThat(issuer.command(key, "revoke?proof=inclusion", "{}").body().has("proof")).isTrue();
      for (String open : List.of("checkpoint", "key", "tile/0/000.p/2")) {
        assertThat(query.client().get("/v1/log/" + open).status()).as(open).isEqualTo(200);
      }
      for (String closed : List.of("entries/1", "entries/1.tlog-proof", "tile/entries/000.p/2")) {
        assertThat(query.client().get("/v1/log/" + closed).status()).as(closed).isEqualTo(401);
      }
      String checkpoint = query.client().get("/v1/log/checkpoint").text();
      await().until(() -> query.output().contains(checkpoint));

      assertThat(query.root().post("/v1/keys", "{}").status()).isEqualTo(405);
      assertThat(command.issuer().verify("{\"key\": \"x\"}").status()).isEqualTo(404);
      assertSucceeds(command, "check", "2 events of 1 keys: sound");
      assertSucceeds(query, "rebuild", "audit: rebuilt up to position 2");
      command.terminate();
      query.terminate();
      query.restart();
      assertThat(query.output()).contains("loading 1 keys as of position 2 from snapshot");
      assertThat(since(query, revoked).codeOf(key.secret())).isEqualTo("REVOKED");
    }
  }

  /** Runs a command during the run of a node, on its data directory. */
  private static void assertSucceeds(KeyledgerProcess node, String command, String output) {
    CommandResult result = node.commandBeside(command);
    assertThat(result.output()).contains(output);
    assertThat(result.exitCode()).isZero();
  }

  /**
   * Returns settings for both on one machine, neither of which names a data directory: they share
   * the default.
   */
  private static Map<String, String> sharing(Path directory, OwnDatabase database) {
    var environment = new HashMap<>(database.environment());
    environment.put("KEYLEDGER_DATA_DIR", directory.resolve("data").toString());
    environment.put("KEYLEDGER_PUBLIC_CHECKPOINTS", "true");
    environment.put("KEYLEDGER_CHECKPOINT_STDOUT", "true");
    return environment;
  }

  /** Returns a caller of that side that presents the position of an earlier answer. */
  private static Issuer since(KeyledgerProcess side, Answer earlier) {
    Client root = side.root();
    return new Issuer(root.header("Keyledger-At-Least", earlier.header("Keyledger-Position")));
  }
}
