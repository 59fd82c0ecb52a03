package dev.keyledger.standalone.operations;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.Answer;
import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.KeyledgerProcess.CommandResult;
import dev.keyledger.standalone.process.SharedStandalone;
import dev.keyledger.verifylog.VerifyLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The two verifiers, applied to a log that a node has written, exported and signed. */
@Timeout(120)
@ExtendWith(SharedStandalone.class)
class VerifyLogIT {
  private static final String PROGRAM = "../docs/verify-log/verify-log.mjs";

  @TempDir Path directory;
  private KeyledgerProcess keyledger;
  private Client current;

  @BeforeEach
  void keepACheckpoint(KeyledgerProcess shared) throws Exception {
    keyledger = shared;
    Answer issued = shared.issuer().issued("read:users").answer();
    current = shared.root().header("Keyledger-At-Least", issued.header("Keyledger-Position"));
    file("checkpoint", current.get("/v1/log/checkpoint").text());
    file(
        "key",
        current
            .get("/v1/log/key")
            .body()
            .path("verifierKeys")
            .valueStream()
            .map(JsonNode::asString)
            .collect(joining("\n")));
  }

  @Test
  void aDatabaseIsProven() throws Exception {
    keyledger.issuer().issued("read:users");

    String url = keyledger.besideIt().getOrDefault("KEYLEDGER_DATABASE_URL", "");
    CommandResult result = verify("--database", url);

    assertThat(result.output())
        .contains("is signed with the ML-DSA-44 key", "proven: the events 1 to ");
    assertThat(result.exitCode()).as(result.output()).isZero();
  }

  @Test
  void exportsAreProven() throws Exception {
    for (String workspace : List.of("*", "default")) {
      export(workspace);

      CommandResult result = verify("--export", path("export"));

      assertThat(result.exitCode()).as(result.output()).isZero();
      assertThat(result.output())
          .contains("proven: ")
          .doesNotContain("not shown: attributes", "not shown: the owner");
    }
  }

  @Test
  @Tag("tools")
  void theSecondVerifierProvesExportsToo() throws Exception {
    for (String workspace : List.of("*", "default")) {
      export(workspace);
      Process node =
          new ProcessBuilder(
                  "node",
                  PROGRAM,
                  "--checkpoint",
                  path("checkpoint"),
                  "--key",
                  path("key"),
                  "--export",
                  path("export"))
              .redirectErrorStream(true)
              .start();
      String output = new String(node.getInputStream().readAllBytes(), UTF_8);

      assertThat(node.waitFor()).as(output).isZero();
      assertThat(output).startsWith("proven: ");
    }
  }

  private void export(String workspace) throws Exception {
    Answer export = current.get("/v1/audit/export?workspace=" + workspace);
    assertThat(export.status()).as(export.text()).isEqualTo(200);
    file("export", export.text());
  }

  private CommandResult verify(String source, String value) {
    var output = new ArrayList<String>();
    int exitCode =
        VerifyLog.run(
            keyledger.besideIt(),
            output::add,
            output::add,
            "verify-log",
            "--checkpoint",
            path("checkpoint"),
            "--key",
            path("key"),
            source,
            value);
    return new CommandResult(exitCode, String.join("\n", output));
  }

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  private void file(String name, String text) throws Exception {
    Files.writeString(directory.resolve(name), text);
  }
}
