package dev.keyledger.verifylog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The verifier in another language, docs/verify-log/verify-log.mjs, comes to the same results. */
@Tag("tools")
class SecondVerifierTest {
  private static final Path PROGRAM = Path.of("../docs/verify-log/verify-log.mjs");
  private static final int SIZE = 90;
  private static final TestLog LOG = TestLog.of(SIZE, 18);

  @TempDir Path directory;
  private String said = "";

  @BeforeEach
  void write() throws Exception {
    file("checkpoint", LOG.note(SIZE));
    file("keys", LOG.verifierKeys());
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = "acme")
  void anExportIsProven(@Nullable String workspace) throws Exception {
    export(LOG.export(workspace, SIZE));
    assertThat(verify("--key", path("keys"))).as(said).isZero();
    assertThat(said).startsWith("proven: ");
    assertThat(verify()).isZero();
    assertThat(said).contains("no signature was checked");
  }

  @Test
  void theExitCodesAreTheSame() throws Exception {
    export(LOG.export("acme", 80));
    assertThat(verify()).isEqualTo(2);
    assertThat(verify("--key", path("keys"))).isZero();

    export(LOG.export(SIZE));
    assertThat(verify("--key", path("nothing"))).isEqualTo(2);
    file("keys", "\n");
    assertThat(verify("--key", path("keys"))).isEqualTo(2);
    file("keys", TestLog.of(1, 1).verifierKeys());
    assertThat(verify("--key", path("keys"))).isEqualTo(1);
    file("checkpoint", LOG.note(50));
    assertThat(verify()).isZero();
    file("checkpoint", LOG.note(TestLog.ORIGIN, 50, LOG.root(51)));
    assertThat(verify()).isEqualTo(1);
    file("checkpoint", LOG.note(TestLog.ORIGIN + "1", SIZE, LOG.root(SIZE)));
    assertThat(verify()).isEqualTo(2);

    file("checkpoint", LOG.note(SIZE));
    List<String> later = new ArrayList<>(LOG.export(SIZE).subList(5, SIZE));
    later.add(TestLog.trailer(later.size(), LOG.note(SIZE)));
    export(later);
    assertThat(verify()).isEqualTo(2);
    export(LOG.export(SIZE).subList(0, SIZE));
    assertThat(verify()).isEqualTo(1);
    export(LOG.export(50));
    assertThat(verify()).isEqualTo(2);
  }

  /** Another reader might take the first value, which is not the one that is proven. */
  @ParameterizedTest
  @ValueSource(strings = {"data", "id"})
  void aNameThatOccursTwiceIsRefused(String name) throws Exception {
    List<String> lines = new ArrayList<>(LOG.export(SIZE));
    String forged = "{\"%s\":{\"type\":\"KeyRevoked\"},".formatted(name);
    lines.set(3, forged + lines.get(3).substring(1));
    export(lines);

    assertThat(verify()).as(said).isEqualTo(1);
    assertThat(said).contains("line 4: the line has a name twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]", "{}", "{\"data\":null}"})
  void aLineThatIsNoEventIsRefused(String line) throws Exception {
    List<String> lines = new ArrayList<>(LOG.export(SIZE));
    lines.set(3, line);
    export(lines);

    assertThat(verify()).as(said).isEqualTo(1);
    assertThat(said).contains("line 4: the line has no data");
  }

  @ParameterizedTest
  @CsvSource({", 20", "acme, 20"})
  void aChangedByteIsRefused(@Nullable String workspace, int changes) throws Exception {
    List<String> lines = LOG.export(workspace, SIZE);
    String whole = new String((String.join("\n", lines) + "\n").getBytes(UTF_8), ISO_8859_1);
    var random = new Random(5);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(whole.lastIndexOf('\n', whole.length() - 2));
      byte[] changed = whole.getBytes(ISO_8859_1);
      changed[at] ^= (byte) (1 << random.nextInt(8));
      Files.write(directory.resolve("export"), changed);

      assertThat(verify("--key", path("keys"))).as("byte %d: %s", at, said).isPositive();
    }
  }

  private int verify(String... more) throws Exception {
    var command =
        new ArrayList<>(
            List.of(
                "node",
                PROGRAM.toString(),
                "--checkpoint",
                path("checkpoint"),
                "--export",
                path("export")));
    command.addAll(List.of(more));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    said = new String(process.getInputStream().readAllBytes(), UTF_8);
    return process.waitFor();
  }

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  private void file(String name, String text) throws Exception {
    Files.writeString(directory.resolve(name), text);
  }

  private void export(List<String> lines) throws Exception {
    file("export", String.join("\n", lines) + "\n");
  }
}
