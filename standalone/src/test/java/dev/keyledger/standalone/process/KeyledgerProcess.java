package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.check.CheckCommand;
import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.standalone.postgres.EmbeddedDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * An application that runs as it would for a user: on the Java version of the tests, on free ports,
 * with its own data directory, which {@link #close} deletes. Its classes come from an AOT cache and
 * its PostgreSQL is a copy with empty tables, except with {@link #firstStart}. Not thread-safe.
 */
public final class KeyledgerProcess implements AutoCloseable {
  /** The variable that sets the port of Envoy's external authorization. */
  public static final String EXT_AUTHZ_PORT = "KEYLEDGER_EXT_AUTHZ_PORT";

  static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java").toString();

  private static final Duration READY_MAX = Duration.ofMinutes(3);
  private static final Duration END_MAX = Duration.ofSeconds(10);

  /**
   * The options of a process that lives for seconds: optimising would cost more than it gains, and
   * to touch memory for the first time costs a tenth of a start.
   */
  private static final List<String> JVM_OPTIONS =
      List.of(
          "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmn48m", "-XX:+UseTransparentHugePages");

  private static final int OUTPUT_LINES_SHOWN = 60;
  private static final int POSTMASTER_PORT_LINE = 4;
  private static final int PORT_MIN = 10_000;
  private static final int PORT_MAX = 32_768;

  private final Map<String, String> environment;
  private final Path directory;
  private final int port = freePort();
  private final int fastPort = freePort();
  private final TestClock clock;
  private List<String> application;
  private Supplier<List<String>> restarted;
  private Process process;

  /**
   * @param application the arguments of the java command
   */
  private KeyledgerProcess(
      List<String> application, Map<String, String> environment, boolean emptyDatabase)
      throws IOException {
    this.application = application;
    this.restarted = () -> application;
    this.environment = Map.copyOf(environment);
    directory = Files.createTempDirectory("keyledger-").toRealPath();
    if (emptyDatabase) {
      EmptyDatabase.copyWithTablesTo(dataDirectory());
    }
    clock = new TestClock(Files.createDirectory(directory.resolve("clock")));
    process = launch();
  }

  /**
   * Starts an application and returns when it is ready.
   *
   * @param environment the configuration besides ports and data directory; of the tests' own
   *     environment, only PATH is inherited
   * @throws AssertionError if it exits early or is not ready within three minutes; the message
   *     contains its output
   */
  public static KeyledgerProcess start(Application application, Map<String, String> environment) {
    return ready(launch(application, environment));
  }

  /** Starts the released jar itself, without a prepared directory or database. */
  public static KeyledgerProcess firstStart(
      Application application, Map<String, String> environment) {
    return ready(firstLaunch(application, environment));
  }

  /** Starts the released jar without waiting until it is ready. A restart uses the AOT cache. */
  public static KeyledgerProcess firstLaunch(
      Application application, Map<String, String> environment) {
    KeyledgerProcess launched = launch(application.released(), environment, false);
    launched.restarted = application::cached;
    return launched;
  }

  private static KeyledgerProcess ready(KeyledgerProcess started) {
    boolean ready = false;
    try {
      started.awaitReady();
      ready = true;
      return started;
    } finally {
      if (!ready) {
        started.close();
      }
    }
  }

  /** Starts the standalone application without configuration; returns when it is ready. */
  public static KeyledgerProcess standalone() {
    return start(Application.STANDALONE, Map.of());
  }

  /** Starts a process that may not become ready: see {@link #awaitExit} and {@link #awaitReady}. */
  public static KeyledgerProcess launch(Application application, Map<String, String> environment) {
    boolean ownDatabase =
        application == Application.STANDALONE
            && !environment.containsKey("KEYLEDGER_DATABASE_URL")
            && !environment.containsKey("KEYLEDGER_DATA_DIR");
    return launch(application.cached(), environment, ownDatabase);
  }

  private static KeyledgerProcess launch(
      List<String> application, Map<String, String> environment, boolean emptyDatabase) {
    try {
      return new KeyledgerProcess(application, environment, emptyDatabase);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs an application once and writes its loaded classes to an AOT cache. */
  static void train(Application application, List<String> extracted, Path cache)
      throws IOException, InterruptedException {
    Path scratch = Files.createTempDirectory("keyledger-training-");
    List<String> trained =
        Stream.concat(Stream.of("-XX:AOTCacheOutput=" + cache), extracted.stream()).toList();
    try (var database = OwnDatabase.start(scratch);
        var node = ready(launch(trained, database.environment(), false))) {
      node.root().post("/v1/keys", "{%s}".formatted(Issuer.fields("read:users")));
      node.issuer().verify("{\"key\": \"x\"}");
      node.process.destroy();
      node.awaitExit(READY_MAX);
    } finally {
      deleteDirectory(scratch);
    }
    assertThat(cache).as("%s", application).isNotEmptyFile();
  }

  /** Returns the base URI of its HTTP interface, without a trailing slash. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Returns the base URI of one of its ports, without a trailing slash. */
  public URI uri(Port which) {
    return switch (which) {
      case MAIN -> uri();
      case FAST -> URI.create("http://127.0.0.1:" + fastPort);
    };
  }

  /** Returns the port on which Envoy asks, if the environment sets it. */
  public int extAuthzPort() {
    return Integer.parseInt(environment.get(EXT_AUTHZ_PORT));
  }

  /** Returns a client without a credential. */
  public Client client() {
    return new Client(uri());
  }

  /** Returns a client of one of its ports, without a credential. */
  public Client client(Port which) {
    return new Client(uri(which));
  }

  /** Returns a client that presents the root key. */
  public Client root() {
    return client().bearer(rootKey());
  }

  /** Returns an issuer with the root key, in the workspace {@code default}. */
  public Issuer issuer() {
    return new Issuer(root());
  }

  /** Returns the same issuer, with checks on one of the ports. */
  public Issuer issuer(Port which) {
    return new Issuer(root(), client(which).bearer(rootKey()));
  }

  /** Returns the configured or generated root key. */
  public String rootKey() {
    String given = environment.get("KEYLEDGER_ROOT_KEY");
    return given == null ? read(dataDirectory().resolve("secrets/root.key")).strip() : given;
  }

  public Path dataDirectory() {
    return directory.resolve("data");
  }

  /** Opens a connection to its embedded PostgreSQL, with its own role. */
  public Connection database() throws SQLException {
    Path pidFile = dataDirectory().resolve("postgres/data/postmaster.pid");
    String databasePort =
        read(pidFile).lines().skip(POSTMASTER_PORT_LINE - 1).findFirst().orElseThrow();
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + databasePort.strip() + "/keyledger",
        "keyledger",
        read(dataDirectory().resolve("secrets/postgres.password")).strip());
  }

  /** Returns everything written to stdout and stderr, in this run and the earlier ones. */
  public String output() {
    return read(outputFile());
  }

  public Path outputFile() {
    return directory.resolve("output.txt");
  }

  public long pid() {
    return process.pid();
  }

  /** Freezes its clock at an instant, also across a restart. */
  public void setClock(Instant now) {
    clock.set(now);
  }

  public void useSystemClock() {
    clock.useSystem();
  }

  /** Kills it with SIGKILL, like a crash; its child processes stay alive. */
  public void kill9() {
    process.destroyForcibly();
    awaitExit();
  }

  /** Terminates it like a service manager; fails if that takes more than 10 seconds. */
  public void terminate() {
    process.destroy();
    awaitExit();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Waits for its exit, at most 10 seconds; returns the exit code. */
  public int awaitExit() {
    return awaitExit(END_MAX);
  }

  /** Waits for its exit instead of readiness, at most three minutes; returns the exit code. */
  public int awaitRefusal() {
    return awaitExit(READY_MAX);
  }

  private int awaitExit(Duration max) {
    try {
      assertThat(process.waitFor(max.toSeconds(), TimeUnit.SECONDS))
          .as(() -> "ended within " + max + "; its output:\n" + endOfOutput())
          .isTrue();
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Restarts it with the same data, ports and environment; terminates it first if necessary. */
  public void restart() {
    relaunch();
    awaitReady();
  }

  /** Restarts it without waiting for readiness. */
  public void relaunch() {
    if (process.isAlive()) {
      terminate();
    }
    application = restarted.get();
    launchCommand();
  }

  /**
   * Starts a command of the jar after the process has ended: see {@link #awaitExit} and {@link
   * #kill9}.
   */
  public void launchCommand(String... arguments) {
    try {
      process = launch(arguments);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Runs a command of the jar on the same data and environment, after the process has ended.
   *
   * @return the exit code
   */
  public int command(String... arguments) {
    launchCommand(arguments);
    return awaitExit(READY_MAX);
  }

  /**
   * The result of a command.
   *
   * @param output stdout and stderr
   */
  public record CommandResult(int exitCode, String output) {}

  /** Returns the configuration of another node on its embedded PostgreSQL. */
  public Map<String, String> besideIt() {
    try {
      DatabaseSettings settings = EmbeddedDatabase.ofAnotherProcess(dataDirectory()).orElseThrow();
      Map<String, String> shared =
          OwnDatabase.environment(settings.jdbcUrl(), settings.username(), settings.password());
      shared.put("KEYLEDGER_ROOT_KEY", rootKey());
      shared.put("KEYLEDGER_LOG_KEY_FILE", dataDirectory().resolve("secrets/log.key").toString());
      shared.put("KEYLEDGER_PEPPERS", read(dataDirectory().resolve("secrets/peppers")).strip());
      return shared;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Executes the command {@code check} inside the test's process, while the node is running. */
  public CommandResult check(String... options) {
    try {
      DatabaseSettings settings = EmbeddedDatabase.ofAnotherProcess(dataDirectory()).orElseThrow();
      var arguments = new ArrayList<>(List.of("check"));
      arguments.addAll(List.of(options));
      var output = new StringJoiner("\n");
      int exitCode =
          CheckCommand.parse(arguments.toArray(String[]::new))
              .run(
                  settings.jdbcUrl(),
                  settings.username(),
                  settings.password(),
                  output::add,
                  output::add);
      return new CommandResult(exitCode, output.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a command of the jar on the same data and environment, while the node is running. */
  public CommandResult commandBeside(String... arguments) {
    return result(builder(arguments));
  }

  /**
   * Runs a jar in a directory until it ends.
   *
   * @param environment all of its environment besides PATH
   */
  public static CommandResult run(
      Application application,
      Path directory,
      Map<String, String> environment,
      String... arguments) {
    Started.add("command");
    List<String> command = new ArrayList<>(List.of(JAVA));
    command.addAll(JVM_OPTIONS);
    command.addAll(new TestClock(directory).jvmOptions()); // the AOT cache needs them
    command.addAll(application.cached());
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().keySet().retainAll(List.of("PATH"));
    builder.environment().putAll(environment);
    return result(builder);
  }

  private static CommandResult result(ProcessBuilder builder) {
    try {
      Process beside = builder.redirectErrorStream(true).start();
      String said = new String(beside.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(beside.waitFor(READY_MAX.toSeconds(), TimeUnit.SECONDS)).as(said).isTrue();
      return new CommandResult(beside.exitValue(), said);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Waits until it reports readiness. */
  public void awaitReady() {
    await()
        .alias("ready")
        .atMost(READY_MAX)
        .pollInterval(Duration.ofMillis(50))
        .ignoreExceptionsInstanceOf(UncheckedIOException.class)
        .until(() -> {
          if (!process.isAlive()) {
            throw new AssertionError(
                "ended with %d instead of getting ready; its output:%n%s"
                    .formatted(process.exitValue(), endOfOutput()));
          }
          return client().get("/actuator/health/readiness").status() == 200;
        });
  }

  /** Ends it in any state, together with what a kill has left behind; deletes its directory. */
  @Override
  public void close() {
    try {
      process.destroy();
      if (!process.waitFor(END_MAX.toSeconds(), TimeUnit.SECONDS)) {
        kill9();
      }
      endOrphan();
      Started.databases(dataDirectory());
      deleteDirectory(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }

  private Process launch(String... arguments) throws IOException {
    return builder(arguments)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(outputFile().toFile()))
        .start();
  }

  private ProcessBuilder builder(String... arguments) {
    Started.add(arguments.length == 0 ? "node" : "command");
    List<String> command = new ArrayList<>();
    command.add(JAVA);
    command.addAll(JVM_OPTIONS);
    command.addAll(clock.jvmOptions());
    command.addAll(application);
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    Map<String, String> given = builder.environment();
    given.keySet().retainAll(List.of("PATH"));
    given.put("SERVER_PORT", Integer.toString(port));
    given.put("KEYLEDGER_FAST_PORT", Integer.toString(fastPort));
    given.put("KEYLEDGER_BIND", "127.0.0.1");
    given.put("KEYLEDGER_DATA_DIR", dataDirectory().toString());
    // All tests share one address, and most of their requests are rejected.
    given.put("KEYLEDGER_LIMITS_FAILURES_PER_SOURCE", "100000");
    // No test uses the Internet.
    given.put("KEYLEDGER_GITHUB_KEYS_URL", "http://127.0.0.1:1/");
    given.putAll(environment);
    return builder;
  }

  /**
   * Ends the PostgreSQL that a killed Keyledger left behind, but only one on this process's own
   * directory.
   */
  private void endOrphan() throws IOException {
    Path data = dataDirectory().resolve("postgres/data");
    Path pidFile = data.resolve("postmaster.pid");
    if (Files.exists(pidFile)) {
      long pid = Long.parseLong(Files.readAllLines(pidFile).getFirst().strip());
      Path commandLine = Path.of("/proc", Long.toString(pid), "cmdline");
      if (Files.exists(commandLine)
          && Files.readString(commandLine, StandardCharsets.UTF_8).contains(data.toString())) {
        Optional<ProcessHandle> orphan = ProcessHandle.of(pid);
        orphan.ifPresent(ProcessHandle::destroy);
        await().atMost(END_MAX).until(() -> orphan.filter(ProcessHandle::isAlive).isEmpty());
      }
    }
  }

  static void deleteDirectory(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  private String endOfOutput() {
    List<String> lines = output().lines().toList();
    return String.join(
        "\n", lines.subList(Math.max(0, lines.size() - OUTPUT_LINES_SHOWN), lines.size()));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Returns a loopback port that was free a moment ago. It is below the ephemeral ports, which the
   * system could assign to a client in the meantime.
   */
  public static int freePort() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(PORT_MIN, PORT_MAX);
      try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (BindException _) {
        // the port is in use
      }
    }
  }
}
