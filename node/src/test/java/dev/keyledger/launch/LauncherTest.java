package dev.keyledger.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LauncherTest {
  private static final int CLASS_FILE_OF_JAVA_17 = 61;

  @ParameterizedTest
  @ValueSource(
      classes = {
        Launcher.class,
        StartupRefusedException.class,
        StandaloneLauncher.class,
        CommandLauncher.class,
        QueryLauncher.class
      })
  void theLaunchersRunOnJava17(Class<?> launch) throws IOException {
    try (var file =
        new DataInputStream(
            Objects.requireNonNull(
                launch.getResourceAsStream(launch.getSimpleName() + ".class")))) {
      assertThat(file.readInt()).isEqualTo(0xCAFEBABE);
      assertThat(file.readUnsignedShort()).isZero();
      assertThat(file.readUnsignedShort()).isEqualTo(CLASS_FILE_OF_JAVA_17);
    }
  }

  @Test
  void anOldJavaPrintsTheRequiredVersionInOneLine(@TempDir Path jdks) {
    assertThat(Launcher.javaTooOld("17.0.15", jdks.resolve("jdk-17").toString()))
        .isEqualTo(
            "Keyledger needs Java 25 or newer; this is Java 17.0.15 (%s/jdk-17). Start it with the"
                    .formatted(jdks)
                + " bin/java of a newer JDK.");
  }

  @Test
  void anOldJavaPrintsThePathOfANewerOne(@TempDir Path jdks) throws IOException {
    jdk(jdks.resolve("jdk-17"), "17.0.15");
    jdk(jdks.resolve("jdk-24"), "24");
    Path good = jdk(jdks.resolve("jdk-25"), "25-ea");

    assertThat(Launcher.javaTooOld("17.0.15", jdks.resolve("jdk-17").toString()))
        .endsWith("Start it with " + good + " -jar ...");
  }

  @ParameterizedTest
  @CsvSource({
    "'', dev.keyledger.standalone.StandaloneApplication, ''",
    "--help, dev.keyledger.standalone.StandaloneApplication, --help",
    "check, dev.keyledger.standalone.StandaloneApplication, check",
    "keys list, dev.keyledger.cli.Cli, keys list",
    "log checkpoint, dev.keyledger.cli.Cli, log checkpoint",
    "log verify --key x, dev.keyledger.standalone.StandaloneApplication, verify-log --key x",
  })
  void theFirstWordsSayWhatIsStarted(String words, String mainClass, String canonical) {
    String[] arguments =
        StandaloneLauncher.canonical(words.isEmpty() ? new String[0] : words.split(" "));

    assertThat(StandaloneLauncher.mainClass(arguments)).isEqualTo(mainClass);
    assertThat(String.join(" ", arguments)).isEqualTo(canonical);
  }

  @Test
  void aFailureOfTheApplicationIsThrownAsItIs() {
    assertThatThrownBy(() -> Launcher.start(Application.class.getName(), "seventeen"))
        .isExactlyInstanceOf(NumberFormatException.class);
    assertThatCode(() -> Launcher.start(Application.class.getName(), "17"))
        .doesNotThrowAnyException();
  }

  /** An application that wants a number. */
  static final class Application {
    private Application() {}

    public static void main(String[] arguments) {
      Integer.parseInt(arguments[0]);
    }
  }

  private static Path jdk(Path home, String version) throws IOException {
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    assertThat(Files.createFile(java).toFile().setExecutable(true)).isTrue();
    return java;
  }
}
