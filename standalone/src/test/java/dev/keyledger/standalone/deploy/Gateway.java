package dev.keyledger.standalone.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.standalone.process.Client;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.standalone.process.Port;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real gateway with documented settings, except for addresses. */
public final class Gateway implements AutoCloseable {
  private static final Duration STEP_MAX = Duration.ofSeconds(30);

  private final Process process;
  private final Path output;
  private final URI uri;

  private Gateway(Process process, Path output, URI uri) {
    this.process = process;
    this.output = output;
    this.uri = uri;
  }

  /** Starts nginx with {@code deploy/nginx.conf} in front of two nodes of each side. */
  public static Gateway deployedNginx(
      Path directory, List<KeyledgerProcess> commands, List<KeyledgerProcess> queries)
      throws IOException {
    int port = KeyledgerProcess.freePort();
    String settings = Files.readString(DeployFiles.directory().resolve("nginx.conf"));
    settings = replaced(settings, "listen 8080;", "listen 127.0.0.1:%d;".formatted(port));
    for (int node = 0; node < 2; node++) {
      settings = pointed(settings, "command-%d:8080".formatted(node + 1), commands.get(node).uri());
      KeyledgerProcess query = queries.get(node);
      settings = pointed(settings, "query-%d:8081".formatted(node + 1), query.uri());
      settings = pointed(settings, "query-%d:8090".formatted(node + 1), query.uri(Port.FAST));
    }
    Path file = Files.writeString(directory.resolve("nginx.conf"), settings);
    return start(directory, port, 404, nginx(file));
  }

  /** Returns the command that runs nginx with a file of settings. */
  static List<String> nginx(Path file) {
    String options = "daemon off; pid %s.pid; error_log stderr;".formatted(file);
    return List.of("nginx", "-c", file.toString(), "-g", options);
  }

  /**
   * Starts a gateway, and returns when it answers.
   *
   * @param port the port in its settings
   * @param anonymous the status of the answer to a client without a credential
   */
  static Gateway start(Path directory, int port, int anonymous, List<String> command)
      throws IOException {
    Path output = directory.resolve("output.txt");
    var builder = program(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("HOME", directory.toString());
    var gateway = new Gateway(builder.start(), output, URI.create("http://127.0.0.1:" + port));
    gateway.awaitAnswer(anonymous);
    return gateway;
  }

  /** Returns its process id. */
  String pid() {
    return Long.toString(process.pid());
  }

  /** Runs a command that makes a gateway read its settings again. */
  static void run(List<String> command) throws IOException, InterruptedException {
    assertThat(program(command).inheritIO().start().waitFor()).as("%s", command).isZero();
  }

  /** Returns a client without a credential. */
  Client client() {
    return new Client(uri);
  }

  /** Returns the URL of the gateway, without a trailing slash. */
  public URI uri() {
    return uri;
  }

  private static String pointed(String settings, String name, URI node) {
    return replaced(settings, "server " + name + ";", "server " + node.getAuthority() + ";");
  }

  private static String replaced(String settings, String what, String by) {
    assertThat(settings).containsOnlyOnce(what);
    return settings.replace(what, by);
  }

  private void awaitAnswer(int status) throws IOException {
    await()
        .atMost(STEP_MAX)
        .ignoreExceptionsInstanceOf(UncheckedIOException.class)
        .until(() -> !process.isAlive() || client().get("/actuator/health").status() == status);
    assertThat(process.isAlive()).as(() -> said()).isTrue();
  }

  private String said() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ProcessBuilder program(List<String> command) {
    var found = new ArrayList<>(command);
    found.set(0, program(command.getFirst()).toString());
    return new ProcessBuilder(found);
  }

  private static Path program(String name) {
    return Stream.concat(
            Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new AssertionError("there is no %s: run scripts/install-test-tools".formatted(name)));
  }

  @Override
  public void close() {
    process.destroy();
    try {
      assertThat(process.waitFor(STEP_MAX.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
