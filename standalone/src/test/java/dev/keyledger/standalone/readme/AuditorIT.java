package dev.keyledger.standalone.readme;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The commands of docs/audit.md, in one shell, against the released jar. */
@Tag("tools")
@Timeout(300)
@ExtendWith(SharedStandalone.class)
class AuditorIT {
  private static final Path DOCUMENT =
      Path.of(Objects.requireNonNull(System.getProperty("keyledger.readme")))
          .resolveSibling("docs/audit.md")
          .normalize();
  private static final Pattern BLOCK =
      Pattern.compile("^```sh\\n(.*?)^```\\n", Pattern.DOTALL | Pattern.MULTILINE);

  @Test
  void everyCommandDoesWhatThePageSays(KeyledgerProcess keyledger, @TempDir Path directory)
      throws Exception {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    String script =
        BLOCK
            .matcher(Files.readString(DOCUMENT))
            .results()
            .map(block -> block.group(1))
            .collect(Collectors.joining())
            .replace("http://127.0.0.1:8080", keyledger.uri().toString())
            .replace("data/secrets", keyledger.dataDirectory().resolve("secrets").toString())
            .replace(
                "java -jar keyledger.jar", java + " -jar " + System.getProperty("keyledger.jar"))
            .replace(
                "docs/verify-log/", DOCUMENT.resolveSibling("verify-log").toAbsolutePath() + "/");
    Path output = directory.resolve("output.txt");
    int exitCode =
        new ProcessBuilder("bash", "-c", "set -eu\n" + script)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start()
            .waitFor();
    String said = Files.readString(output);
    assertThat(exitCode).as(said).isZero();
    assertThat(said)
        .contains("\"pattern\":\"read:invoices\"")
        .contains("c2sp.org/tlog-proof@v1")
        .contains("proven:")
        .contains("wrong:");
  }
}
