package dev.keyledger.standalone.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.SharedStandalone;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The clients that public generators make from a node's OpenAPI document compile, unedited, and
 * work: each issues, verifies, renews, rotates, revokes, lists, audits and introspects. One process
 * generates all clients of openapi-generator, one type-checks all clients for TypeScript, and one
 * runs them.
 */
@Tag("tools")
@Timeout(600)
@ExtendWith(SharedStandalone.class)
class ClientsIT {
  private static final Path SOURCES = Path.of(System.getProperty("keyledger.clients"));
  private static final Path GENERATOR = Path.of(System.getProperty("keyledger.client-generator"));
  private static final List<String> INPUTS =
      List.of(
          "httpclient.yaml",
          "restclient.yaml",
          "typescript-fetch.yaml",
          "flows.ts",
          "package.json",
          "package-lock.json",
          "tsconfig.json");

  private static Path directory;

  @BeforeAll
  static void generate(@TempDir Path temporary, KeyledgerProcess keyledger) throws Exception {
    directory = temporary;
    for (String input : INPUTS) {
      Files.copy(SOURCES.resolve(input), directory.resolve(input));
    }
    Files.writeString(
        directory.resolve("document.json"), keyledger.client().get("/v3/api-docs").text());
    run(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-jar",
        GENERATOR.toString(),
        "batch",
        "httpclient.yaml",
        "restclient.yaml",
        "typescript-fetch.yaml");
  }

  @ParameterizedTest
  @ValueSource(strings = {"httpclient", "restclient"})
  void aClientForJavaWorks(String client, KeyledgerProcess keyledger) throws Exception {
    Path sources = directory.resolve(client).resolve("src/main/java");
    Path own = sources.resolve("clients").resolve(client);
    Files.copy(
        SOURCES.resolve("java/" + client + "/Connection.java"), own.resolve("Connection.java"));
    String flow = Files.readString(SOURCES.resolve("java/Flow.java"));
    Files.writeString(
        own.resolve("Flow.java"), flow.replace("clients.httpclient", "clients." + client));

    Path classes = compiled(sources);
    try (var loader =
        new URLClassLoader(new URL[] {classes.toUri().toURL()}, ClientsIT.class.getClassLoader())) {
      loader
          .loadClass("clients." + client + ".Flow")
          .getMethod("run", String.class, String.class)
          .invoke(null, keyledger.uri().toString(), keyledger.rootKey());
    }
  }

  @Test
  void theClientsForTypeScriptWork(KeyledgerProcess keyledger) throws Exception {
    run("npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund");
    run("npm", "run", "generate");
    run("npm", "run", "compile");

    URI uri = keyledger.uri();
    assertThat(run("node", "out/flows.js", uri.toString(), keyledger.rootKey()))
        .endsWith("All clients work\n");
  }

  private static Path compiled(Path sources) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    Path classes = Files.createTempDirectory(directory, "classes");
    List<String> options =
        List.of(
            "-d",
            classes.toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "-proc:none",
            "-nowarn");
    var messages = new StringWriter();
    try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
        Stream<Path> found = Files.walk(sources)) {
      List<Path> units = found.filter(file -> file.toString().endsWith(".java")).toList();
      boolean done =
          compiler
              .getTask(
                  messages, files, null, options, null, files.getJavaFileObjectsFromPaths(units))
              .call();
      assertThat(done).as(messages.toString()).isTrue();
    }
    return classes;
  }

  /**
   * Runs a program in the directory of the clients, requires its success, and returns its output.
   */
  private static String run(String... command) throws IOException, InterruptedException {
    Path output = Files.createTempFile(directory, "output", ".txt");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(5, TimeUnit.MINUTES);
      assertThat(ended && process.exitValue() == 0)
          .as(() -> String.join(" ", command) + ":\n" + read(output))
          .isTrue();
      return read(output);
    } finally {
      process.destroyForcibly();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
