package dev.keyledger.standalone.faults;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.Exported;
import dev.keyledger.standalone.process.IssuedKey;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.OwnDatabase;
import dev.keyledger.verifylog.VerifyLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The lasting proof of checkpoints: after signing nodes were killed, one after the other; after an
 * erasure; and after a rebuild of the lists.
 */
@Timeout(240)
class ProofsAfterFaultsIT {
  private static final int KEYS = 60;

  /** The time until another node signs in place of a killed one. */
  private static final Duration TAKEOVER_MAX = Duration.ofSeconds(30);

  @TempDir Path directory;
  private Map<String, String> environment = Map.of();
  private int checkpoints;

  @Test
  void everyCheckpointExtendsTheFirstAndEveryEventIsProven() throws Exception {
    try (OwnDatabase database = OwnDatabase.start(directory)) {
      environment = database.environment();
      try (var command = KeyledgerProcess.start(Application.COMMAND_SIDE, environment);
          var one = KeyledgerProcess.start(Application.QUERY_SIDE, environment);
          var other = KeyledgerProcess.start(Application.QUERY_SIDE, environment)) {
        IssuedKey first = command.issuer().issued("read:users");
        keep("key", keysOf(one));
        keep("first", at(one, first.answer()).get("/v1/log/checkpoint").text());

        assertProven(other, issuedWhileKilled(command, one));
        one.restart();
        assertProven(one, issuedWhileKilled(command, other));
        other.restart();

        Answer erased =
            command.root().post("/v1/erasures", "{\"keyId\": \"%s\"}".formatted(first.id()));
        assertThat(erased.body().path("erased").asInt()).as(erased.text()).isEqualTo(1);
        assertProven(one, erased);
        assertThat(Exported.count(at(one, erased), "\"erased\":true")).isEqualTo(1);

        other.terminate();
        assertThat(other.command("rebuild")).isZero();
        other.restart();
        assertProven(other, command.issuer().issued("read:users").answer());
      }
    }
  }

  /** Issues keys and kills a node that is adding events to the tree; returns the last answer. */
  private static Answer issuedWhileKilled(KeyledgerProcess command, KeyledgerProcess node) {
    for (int i = 0; i < KEYS; i++) {
      if (i == KEYS / 2) {
        node.kill9();
      }
      var _ = command.issuer().issued("read:users");
    }
    return command.issuer().issued("read:users").answer();
  }

  private void assertProven(KeyledgerProcess node, Answer last) throws IOException {
    Client client = at(node, last);
    String checkpoint = "checkpoint" + ++checkpoints;
    await()
        .atMost(TAKEOVER_MAX)
        .untilAsserted(() -> {
          Answer answer = client.get("/v1/log/checkpoint");
          assertThat(answer.status()).as(answer.text()).isEqualTo(200);
          keep(checkpoint, answer.text());
        });
    String database = environment.getOrDefault("KEYLEDGER_DATABASE_URL", "");
    assertVerified(checkpoint, "--previous", path("first"), "--database", database);
    exported(client, "*");
    assertVerified(checkpoint, "--previous", path("first"), "--export", path("export"));
    exported(client, "default");
    assertVerified(checkpoint, "--export", path("export"));
  }

  private void exported(Client client, String workspace) throws IOException {
    Answer export = client.get("/v1/audit/export?workspace=" + workspace);
    assertThat(export.status()).as(export.text()).isEqualTo(200);
    keep("export", export.text());
  }

  private void assertVerified(String checkpoint, String... more) {
    var command =
        new ArrayList<>(
            List.of("verify-log", "--checkpoint", path(checkpoint), "--key", path("key")));
    command.addAll(List.of(more));
    var output = new ArrayList<String>();
    int exitCode =
        VerifyLog.run(environment, output::add, output::add, command.toArray(String[]::new));
    assertThat(exitCode).as(String.join("\n", output)).isZero();
  }

  private static Client at(KeyledgerProcess node, Answer answer) {
    return node.root().header("Keyledger-At-Least", answer.header("Keyledger-Position"));
  }

  private static String keysOf(KeyledgerProcess node) {
    return node.root()
        .get("/v1/log/key")
        .body()
        .path("verifierKeys")
        .valueStream()
        .map(JsonNode::asString)
        .collect(joining("\n"));
  }

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  private void keep(String name, String text) throws IOException {
    Files.writeString(directory.resolve(name), text);
  }
}
