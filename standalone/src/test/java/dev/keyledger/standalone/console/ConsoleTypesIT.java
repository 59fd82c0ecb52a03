package dev.keyledger.standalone.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The types in the comments of the console's modules, checked by TypeScript. */
@Tag("tools")
@Timeout(300)
class ConsoleTypesIT {
  private static final Path MODULES = Path.of(System.getProperty("keyledger.console"));
  private static final Path SETTINGS = Path.of(System.getProperty("keyledger.console-types"));

  @Test
  void everyModuleHasTheTypesThatItSays(@TempDir Path directory) throws Exception {
    for (String file : List.of("package.json", "package-lock.json", "tsconfig.json")) {
      Files.copy(SETTINGS.resolve(file), directory.resolve(file));
    }
    copy(MODULES, directory.resolve("web"));
    copy(MODULES.resolveSibling("types"), directory.resolve("types"));
    run(directory, "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund");
    run(directory, "npm", "run", "check");
  }

  private static void copy(Path source, Path target) throws IOException {
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = target.resolve(source.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }

  private static void run(Path directory, String... command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(directory, "output", ".txt");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(4, TimeUnit.MINUTES);
      assertThat(ended && process.exitValue() == 0)
          .as("%s:%n%s", String.join(" ", command), Files.readString(output))
          .isTrue();
    } finally {
      process.destroyForcibly();
    }
  }
}
