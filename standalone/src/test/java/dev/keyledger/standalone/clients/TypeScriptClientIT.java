package dev.keyledger.standalone.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The TypeScript client is built as for its release, passes its own tests, has the types of the
 * OpenAPI document, and works against a node, also as middleware and as its page says.
 */
@Tag("tools")
@Timeout(300)
@ExtendWith(SharedStandalone.class)
class TypeScriptClientIT {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final Path SOURCES = Path.of("clients/typescript");
  private static final Path TABLES = Path.of("conditions/src/test/resources");
  private static final Path PAGES = Path.of("docs/clients");
  private static final Set<String> MADE = Set.of("node_modules", "dist");

  private static Path directory;

  @BeforeAll
  static void build(@TempDir Path temporary) throws Exception {
    directory = temporary.resolve(SOURCES);
    copy(SOURCES, temporary);
    copy(TABLES, temporary);
    copy(PAGES, temporary);
    run("npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund");
    run("npm", "run", "build");
  }

  @Test
  void itPassesItsOwnTests() throws Exception {
    run("npm", "test");
    run("npm", "run", "test:types");
  }

  @Test
  void itsTypesAreThoseOfTheDocument(KeyledgerProcess keyledger) throws Exception {
    String document = keyledger.client().get("/v3/api-docs").text();
    Files.writeString(directory.resolve("document.json"), document);
    assertThat(run("node", "scripts/types.mjs", "document.json"))
        .isEqualTo(Files.readString(directory.resolve("src/types.ts")));
    assertThat(json("package.json").path("version"))
        .isEqualTo(JsonMapper.shared().readTree(document).at("/info/version"));
  }

  @Test
  void itsLockFileNamesNoAddresses() throws Exception {
    JsonNode packages = json("package-lock.json").path("packages");
    assertThat(packages.propertyNames()).hasSizeGreaterThan(50);
    assertThat(packages.valueStream().filter(each -> each.has("resolved"))).isEmpty();
    assertThat(json("package.json").has("dependencies")).isFalse();
  }

  @Test
  void itWorks(KeyledgerProcess keyledger) throws Exception {
    run(
        Map.of("KEYLEDGER_URL", keyledger.uri().toString(), "KEYLEDGER_KEY", keyledger.rootKey()),
        "npm",
        "run",
        "test:node");
  }

  private static JsonNode json(String file) throws IOException {
    return JsonMapper.shared().readTree(Files.readString(directory.resolve(file)));
  }

  private static void copy(Path folder, Path target) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.walk(REPOSITORY.resolve(folder))) {
      files = found.map(REPOSITORY::relativize).filter(TypeScriptClientIT::isSource).toList();
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

  private static String run(String... command) throws Exception {
    return run(Map.of(), command);
  }

  private static String run(Map<String, String> environment, String... command) throws Exception {
    Path output = Files.createTempFile(directory, "output", ".txt");
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      boolean ended = process.waitFor(3, TimeUnit.MINUTES);
      assertThat(ended && process.exitValue() == 0)
          .as("%s:%n%s", String.join(" ", command), Files.readString(output))
          .isTrue();
      return Files.readString(output);
    } finally {
      process.destroyForcibly();
    }
  }
}
