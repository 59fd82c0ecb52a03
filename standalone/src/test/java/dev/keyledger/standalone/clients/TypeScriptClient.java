package dev.keyledger.standalone.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.OncePerBuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The TypeScript client, installed and built once per build, as for its release. */
final class TypeScriptClient {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final Path CLIENT = Path.of("clients/typescript");
  private static final Path EXAMPLES = Path.of("examples/express");
  private static final List<Path> SOURCES =
      List.of(
          CLIENT,
          EXAMPLES,
          Path.of("LICENSE"),
          Path.of("conditions/src/test/resources"),
          Path.of("docs/clients"));
  private static final Set<String> MADE = Set.of("node_modules", "dist");
  private static final int PATIENCE_MINUTES = 3;

  private TypeScriptClient() {}

  /** Returns its directory, in a copy of the necessary part of the repository. */
  static Path directory() {
    return repository().resolve(CLIENT);
  }

  /** Returns the directory of the examples for Express. */
  static Path examples() {
    return repository().resolve(EXAMPLES);
  }

  private static Path repository() {
    return OncePerBuild.directory(
        "typescript-client",
        copy -> {
          for (Path source : SOURCES) {
            copy(source, copy);
          }
          install(copy.resolve(CLIENT));
          run(copy.resolve(CLIENT), Map.of(), "npm", "run", "build");
        });
  }

  /** Installs the packages that a lock file names. */
  static void install(Path directory) throws IOException, InterruptedException {
    run(
        directory,
        Map.of(),
        "npm",
        "ci",
        "--ignore-scripts",
        "--prefer-offline",
        "--no-audit",
        "--no-fund");
  }

  /** Runs a program, requires its success, and returns its output. */
  static String run(Path directory, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(directory, "output", ".txt");
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      boolean ended = process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES);
      assertThat(ended && process.exitValue() == 0)
          .as("%s:%n%s", String.join(" ", command), Files.readString(output))
          .isTrue();
      return Files.readString(output);
    } finally {
      process.destroyForcibly();
    }
  }

  private static void copy(Path folder, Path target) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.walk(REPOSITORY.resolve(folder))) {
      files = found.map(REPOSITORY::relativize).filter(TypeScriptClient::isSource).toList();
    }
    for (Path file : files) {
      Path copy = target.resolve(file.toString());
      Files.createDirectories(copy.getParent());
      Files.copy(REPOSITORY.resolve(file), copy);
    }
  }

  private static boolean isSource(Path file) {
    for (Path part : file) {
      if (MADE.contains(part.toString())) {
        return false;
      }
    }
    return Files.isRegularFile(REPOSITORY.resolve(file));
  }
}
