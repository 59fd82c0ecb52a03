package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.log.DatabaseSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL and its streaming replica, run with Debian's binaries because the embedded ones lack
 * pg_basebackup. Not thread-safe.
 */
public final class ReplicatedDatabase implements AutoCloseable {
  private static final Path DEBIAN = Path.of("/usr/lib/postgresql");
  private static final String NAME = "keyledger";
  private static final String NOBODY = "65534";
  private static final Duration STEP_MAX = Duration.ofSeconds(60);

  private final Path binaries;
  private final Path directory;
  private final int primaryPort = KeyledgerProcess.freePort();
  private final int replicaPort = KeyledgerProcess.freePort();
  private final List<Process> servers = new ArrayList<>();

  private ReplicatedDatabase(Path binaries, Path directory) throws IOException {
    this.binaries = binaries;
    this.directory = directory;
  }

  /** Starts both with an empty database; returns when the replica answers. */
  public static ReplicatedDatabase start() throws Exception {
    Path directory = Files.createTempDirectory("keyledger-replicated-");
    var database = new ReplicatedDatabase(newestBinaries(), directory);
    boolean started = false;
    try {
      database.startPrimary();
      database.startReplica();
      started = true;
      return database;
    } finally {
      if (!started) {
        database.close();
      }
    }
  }

  public DatabaseSettings primary() {
    return settings(primaryPort, NAME);
  }

  public DatabaseSettings replica() {
    return settings(replicaPort, NAME);
  }

  /** Returns the configuration of a Keyledger that writes to whichever server is the primary. */
  public Map<String, String> environment() {
    return OwnDatabase.environment(
        "jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/%s?targetServerType=primary"
            .formatted(primaryPort, replicaPort, NAME),
        NAME,
        "");
  }

  /** Returns the same for a node that follows the log on the replica. */
  public Map<String, String> environmentOnReplica() {
    var environment = new LinkedHashMap<>(environment());
    environment.put("KEYLEDGER_LOG_REPLICA_URL", replica().jdbcUrl());
    return environment;
  }

  /** Pauses the replay: the replica still receives the log but shows nothing new. */
  public void pauseReplay() throws SQLException {
    onReplica("SELECT pg_wal_replay_pause()");
    await()
        .atMost(STEP_MAX)
        .until(() -> onReplica("SELECT pg_get_wal_replay_pause_state()").equals("paused"));
  }

  public void resumeReplay() throws SQLException {
    onReplica("SELECT pg_wal_replay_resume()");
  }

  /** Stops the primary after it has sent everything, and promotes the replica. */
  public void switchOver() throws Exception {
    end(servers.getFirst());
    assertThat(onReplica("SELECT pg_promote()")).isEqualTo("t");
  }

  /** Returns the replica's answer to a query, one column of one row. */
  public String onReplica(String query) throws SQLException {
    return ask(replica(), query);
  }

  private void startPrimary() throws Exception {
    if (isRoot()) {
      run(List.of("chown", NOBODY + ":" + NOBODY, directory.toString()));
    }
    run(asNobody("initdb", "-D", data("primary"), "-A", "trust", "-U", NAME, "-E", "UTF8"));
    servers.add(launch("primary", primaryPort));
    awaitAnswer(settings(primaryPort, "postgres"));
    try (Connection connection = connect(settings(primaryPort, "postgres"));
        var statement = connection.createStatement()) {
      statement.execute("CREATE DATABASE " + NAME);
    }
  }

  private void startReplica() throws Exception {
    run(
        asNobody(
            "pg_basebackup",
            "-h",
            "127.0.0.1",
            "-p",
            Integer.toString(primaryPort),
            "-U",
            NAME,
            "-D",
            data("replica"),
            "-R",
            "-X",
            "stream",
            "-c",
            "fast"));
    servers.add(launch("replica", replicaPort));
    awaitAnswer(replica());
    assertThat(onReplica("SELECT pg_is_in_recovery()")).isEqualTo("t");
  }

  private Process launch(String which, int port) throws IOException {
    return new ProcessBuilder(
            asNobody(
                "postgres",
                "-D",
                data(which),
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "port=" + port,
                "-c",
                "unix_socket_directories=",
                "-c",
                "wal_keep_size=1GB"))
        .redirectErrorStream(true)
        .redirectOutput(directory.resolve(which + ".txt").toFile())
        .start();
  }

  private static void awaitAnswer(DatabaseSettings settings) {
    await()
        .atMost(STEP_MAX)
        .ignoreExceptionsInstanceOf(SQLException.class)
        .until(() -> ask(settings, "SELECT 'here'").equals("here"));
  }

  private static String ask(DatabaseSettings settings, String query) throws SQLException {
    try (Connection connection = connect(settings);
        var statement = connection.createStatement();
        var row = statement.executeQuery(query)) {
      row.next();
      return String.valueOf(row.getString(1));
    }
  }

  private static Connection connect(DatabaseSettings settings) throws SQLException {
    return DriverManager.getConnection(
        settings.jdbcUrl(), settings.username(), settings.password());
  }

  private static DatabaseSettings settings(int port, String database) {
    return new DatabaseSettings("jdbc:postgresql://127.0.0.1:" + port + "/" + database, NAME, "");
  }

  private String data(String which) {
    return directory.resolve(which).toString();
  }

  /** Drops privileges, because PostgreSQL refuses to run as root. */
  private List<String> asNobody(String program, String... arguments) {
    var command = new ArrayList<String>();
    if (isRoot()) {
      command.addAll(
          List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
    }
    command.add(binaries.resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private void run(List<String> command) throws Exception {
    Path output = directory.resolve("steps.txt");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
            .start();
    assertThat(process.waitFor(STEP_MAX.toSeconds(), TimeUnit.SECONDS)).as("%s", command).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
  }

  /** Stops a server with SIGINT: with SIGTERM it would wait for its clients. */
  private static void end(Process server) throws IOException {
    if (server.isAlive()) {
      new ProcessBuilder("kill", "-INT", Long.toString(server.pid())).start();
      await().atMost(STEP_MAX).until(() -> !server.isAlive());
    }
  }

  private static Path newestBinaries() throws IOException {
    assertThat(DEBIAN).as("run scripts/install-test-tools").isDirectory();
    try (Stream<Path> versions = Files.list(DEBIAN)) {
      return versions
          .max(
              Comparator.comparingInt(
                  version -> Integer.parseInt(version.getFileName().toString())))
          .orElseThrow()
          .resolve("bin");
    }
  }

  @Override
  public void close() throws IOException {
    for (Process server : servers.reversed()) {
      end(server);
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
