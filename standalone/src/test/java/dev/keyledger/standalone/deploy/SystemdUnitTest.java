package dev.keyledger.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.operations.Documented;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The systemd unit: its analysis by systemd, and its assumptions about Keyledger. */
class SystemdUnitTest {
  /** The maximum exposure in tenths, as in {@code systemd-analyze}. */
  private static final int EXPOSURE_MAX = 20;

  private static final Path SYSTEMD = DeployFiles.directory().resolve("systemd");
  private static final Path UNIT = SYSTEMD.resolve("keyledger.service");

  @Test
  @Tag("tools")
  void systemdRatesItsExposureAtTwoOrLess() throws Exception {
    assertThat(analyze("security", "--offline=true", "--threshold=" + EXPOSURE_MAX, UNIT))
        .contains("Overall exposure level for keyledger.service");
  }

  @Test
  @Tag("tools")
  void systemdKnowsEachSetting(@TempDir Path directory) throws Exception {
    Path unit = directory.resolve("keyledger.service");
    String program = "ExecStart=/usr/lib/keyledger/bin/keyledger";
    String text = Files.readString(UNIT);
    assertThat(text).contains(program + "\n");
    Files.writeString(unit, text.replace(program, "ExecStart=/bin/true"));

    assertThat(analyze("verify", unit)).isEmpty();
  }

  @Test
  void theExampleOfTheEnvironmentNamesSettings() throws IOException {
    List<String> variables =
        Stream.of(Files.readString(SYSTEMD.resolve("keyledger.env")), Files.readString(UNIT))
            .flatMap(text -> Pattern.compile("(KEYLEDGER_\\w+)=").matcher(text).results())
            .map(found -> found.group(1))
            .toList();

    assertThat(variables).hasSizeGreaterThan(5);
    assertThat(Documented.settings()).containsAll(variables);
  }

  /** Returns the output of a command; fails unless it exits with 0. */
  private static String analyze(Object... arguments) throws Exception {
    List<String> command =
        Stream.concat(Stream.of("systemd-analyze"), Stream.of(arguments).map(Object::toString))
            .toList();
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
