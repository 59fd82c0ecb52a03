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
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real nginx that runs documented settings, but for the addresses in them. */
final class Nginx implements AutoCloseable {
  private static final Duration STEP_MAX = Duration.ofSeconds(30);

  private final Process process;
  private final Path output;
  private final URI uri;

  private Nginx(Process process, Path output, URI uri) {
    this.process = process;
    this.output = output;
    this.uri = uri;
  }

  /**
   * Starts it with {@code deploy/nginx.conf} in front of two nodes of each side, and returns when
   * it answers.
   */
  static Nginx start(
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
    return start(directory, port, settings, 404);
  }

  /**
   * Starts it, and returns when it answers.
   *
   * @param port where the settings make it listen
   * @param anonymous the status of the answer to a client without a credential
   */
  static Nginx start(Path directory, int port, String settings, int anonymous) throws IOException {
    Path file = Files.writeString(directory.resolve("nginx.conf"), settings);
    Path output = directory.resolve("nginx.txt");
    Process process =
        new ProcessBuilder(
                binary().toString(),
                "-c",
                file.toString(),
                "-g",
                "daemon off; pid %s; error_log stderr;".formatted(directory.resolve("nginx.pid")))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    var nginx = new Nginx(process, output, URI.create("http://127.0.0.1:" + port));
    nginx.awaitAnswer(anonymous);
    return nginx;
  }

  /** A client without a credential. */
  Client client() {
    return new Client(uri);
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

  private static Path binary() {
    return Stream.concat(
            Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin", "/usr/local/sbin"))
        .map(directory -> Path.of(directory, "nginx"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no nginx: run scripts/install-test-tools"));
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
