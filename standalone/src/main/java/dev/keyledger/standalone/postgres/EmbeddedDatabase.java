package dev.keyledger.standalone.postgres;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.files.PrivateFiles;
import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.standalone.datadirectory.DataDirectory;
import dev.keyledger.standalone.datadirectory.GeneratedSecrets;
import dev.keyledger.supervision.SupervisedThread;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * An embedded PostgreSQL that runs while this object is open. It is durable (acknowledged commits
 * survive a crash of the server and of the machine), listens on loopback only, requires a password,
 * and keeps its data across restarts. If it dies, it is restarted at the same address, with
 * back-off, and stopped if it is no longer durable.
 *
 * <p>Thread-safe.
 */
public final class EmbeddedDatabase implements AutoCloseable {
  private static final List<String> DURABILITY =
      List.of("fsync", "synchronous_commit", "full_page_writes");
  private static final Duration START_MAX = Duration.ofMinutes(10);
  private static final Duration POLL = Duration.ofMillis(10);
  private static final Duration PROGRESS = Duration.ofSeconds(5);
  private static final Duration PAUSE_MIN = Duration.ofSeconds(1);
  private static final Duration PAUSE_MAX = Duration.ofMinutes(1);
  private static final Duration LOG_CHECK = Duration.ofSeconds(1);
  private static final int PORTS_TRIED_MAX = 3;

  private final DatabaseFiles files;
  private final int port;
  private final String password;
  private final Consumer<String> progress;
  private final CountDownLatch closing = new CountDownLatch(1);

  /**
   * The running server. The lock keeps {@link #keepAlive} from starting a server after {@link
   * #close}.
   */
  @GuardedBy("this")
  private Process server;

  private EmbeddedDatabase(
      DatabaseFiles files, int port, String password, Consumer<String> progress)
      throws IOException {
    this.files = files;
    this.port = port;
    this.password = password;
    this.progress = progress;
    this.server = launch();
  }

  /**
   * Starts PostgreSQL on {@code postgres/} in the data directory and returns when it accepts
   * connections. Creates the database on the first start, and stops a server that a killed
   * Keyledger left running. Must be closed before the data directory.
   *
   * @param progress receives one line per long step; later, from another thread, also one for each
   *     restart of PostgreSQL
   * @throws StartupRefusedException if it cannot run here, does not start, or would not be durable
   */
  public static EmbeddedDatabase start(DataDirectory directory, Consumer<String> progress)
      throws IOException, InterruptedException {
    String password = new GeneratedSecrets(directory).databasePassword().revealSecret();
    Path home = directory.postgres();
    if (!Files.isDirectory(home)) {
      Files.createDirectory(home, PrivateFiles.here().directory());
    }
    ServerAccount account = ServerAccount.chosenFor(directory.path());
    if (account.equals(ServerAccount.OTHER_USER)) {
      progress.accept(
          "PostgreSQL runs as nobody, so that other processes of nobody can read its files. Run"
              + " Keyledger as an ordinary user of its own to prevent this.");
    }
    account.mayEnter(directory.path());
    account.mayEnter(home);
    Postmaster.endOrphan(directory.postgresData(), progress);
    var log = new ServerLog(home.resolve("postgresql.log"));
    log.prepare();
    var files =
        new DatabaseFiles(
            directory.postgresData(),
            log,
            ServerBinaries.unpackedIn(home, account, progress),
            account);
    files.prepare(password, progress);
    EmbeddedDatabase database = startOnFreePort(files, password, progress);
    SupervisedThread.unstarted(
            "postgresql-watch", () -> database.closing.getCount() > 0, database::keepAlive)
        .start();
    return database;
  }

  /**
   * Returns the settings of the PostgreSQL that another Keyledger runs on a data directory; empty
   * if there is none.
   */
  public static Optional<DatabaseSettings> ofAnotherProcess(Path directory) throws IOException {
    OptionalInt port = Postmaster.portOf(DataDirectory.postgresData(directory));
    if (port.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new DatabaseSettings(
            jdbcUrl(port.getAsInt()),
            DatabaseFiles.USERNAME,
            GeneratedSecrets.databasePasswordIn(directory).revealSecret()));
  }

  /**
   * Returns {@code jdbc:postgresql://127.0.0.1:<port>/keyledger}; the port changes at each start.
   */
  public String jdbcUrl() {
    return jdbcUrl(port);
  }

  private static String jdbcUrl(int port) {
    return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(port, DatabaseFiles.DATABASE);
  }

  /** Returns the role that owns the database; it is not a superuser. */
  public String username() {
    return DatabaseFiles.USERNAME;
  }

  /** Returns the password of the role: a secret. */
  public String password() {
    return password;
  }

  /** Stops PostgreSQL within 8 seconds, even with connected clients. Idempotent. */
  @Override
  public synchronized void close() {
    closing.countDown();
    endServer();
  }

  @Override
  public String toString() {
    return "EmbeddedDatabase[" + jdbcUrl() + "]";
  }

  /**
   * Starts the server. Tries several ports: another process may take a free port before PostgreSQL
   * binds it.
   */
  private static EmbeddedDatabase startOnFreePort(
      DatabaseFiles files, String password, Consumer<String> progress)
      throws IOException, InterruptedException {
    for (int tried = 1; ; tried++) {
      long logged = files.log().size();
      var database = new EmbeddedDatabase(files, freePort(), password, progress);
      boolean started = false;
      try {
        if (database.awaitReady()) {
          database.refuseUnlessDurable();
          started = true;
          return database;
        }
        if (tried == PORTS_TRIED_MAX || !files.log().tail(logged).contains("could not bind")) {
          throw files.log().refusal("PostgreSQL did not start.", logged);
        }
      } finally {
        if (!started) {
          database.close();
        }
      }
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private Process launch() throws IOException {
    List<Object> arguments = new ArrayList<>(List.of("-D", files.data()));
    // On the command line, where neither postgresql.conf nor ALTER SYSTEM overrides them.
    var settings =
        List.of(
            "fsync=on",
            "synchronous_commit=on",
            "full_page_writes=on",
            "listen_addresses=127.0.0.1",
            "port=" + port,
            "unix_socket_directories=",
            "password_encryption=scram-sha-256",
            "timezone=UTC",
            "log_timezone=UTC",
            "log_destination=stderr",
            "logging_collector=off",
            // Clients get the details of errors; here these would put data into a log file.
            "log_error_verbosity=terse",
            "log_min_error_statement=panic");
    for (String setting : settings) {
      arguments.add("-c");
      arguments.add(setting);
    }
    return files
        .account()
        .command(files.binaries().program("postgres"), arguments.toArray())
        .redirectErrorStream(true)
        .redirectOutput(files.log().append())
        .start();
  }

  /** Returns false if the server ended before it was ready. */
  private boolean awaitReady() throws IOException, InterruptedException {
    long begun = System.nanoTime();
    long reported = begun;
    Process starting = current();
    while (!Postmaster.isReady(files.data(), starting)) {
      if (starting.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
        return false;
      }
      long now = System.nanoTime();
      if (now - begun > START_MAX.toNanos()) {
        throw new StartupRefusedException(
            "PostgreSQL was not ready within %s; see %s".formatted(START_MAX, files.log().file()));
      }
      if (now - reported > PROGRESS.toNanos()) {
        reported = now;
        boundLog();
        progress.accept("PostgreSQL is still starting; see " + files.log().file());
      }
    }
    return true;
  }

  /** Checks the settings: roles and databases can override those of the command line. */
  private void refuseUnlessDurable() {
    try (var connection = DriverManager.getConnection(jdbcUrl(), username(), password);
        var statement = connection.createStatement()) {
      for (String setting : DURABILITY) {
        try (var shown = statement.executeQuery("SHOW " + setting)) {
          if (!shown.next() || !shown.getString(1).equals("on")) {
            throw new StartupRefusedException(
                ("The database in %s is not durable: %s is %s, and must be on. Reset it with ALTER"
                        + " ROLE or ALTER DATABASE.")
                    .formatted(files.data(), setting, shown.getString(1)));
          }
        }
      }
    } catch (SQLException e) {
      throw new StartupRefusedException(
          "Cannot log in to the database in %s: %s".formatted(files.data(), e.getMessage()), e);
    }
  }

  /**
   * Restarts the server whenever it ends, until this object is closed. The pause before a restart
   * doubles until the server has run for longer than the longest pause.
   */
  private void keepAlive() throws InterruptedException {
    Duration pause = PAUSE_MIN;
    while (true) {
      long begun = System.nanoTime();
      int exitCode = awaitEnd(current());
      if (closing.getCount() == 0) {
        return;
      }
      boolean lasted = System.nanoTime() - begun > PAUSE_MAX.toNanos();
      pause = lasted ? PAUSE_MIN : pause;
      progress.accept(
          "PostgreSQL ended by itself (exit code %d), starting it again in %d s; see %s"
              .formatted(exitCode, pause.toSeconds(), files.log().file()));
      if (closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
      pause = longer(pause);
      launchAgain();
    }
  }

  private static Duration longer(Duration pause) {
    Duration doubled = pause.multipliedBy(2);
    return doubled.compareTo(PAUSE_MAX) < 0 ? doubled : PAUSE_MAX;
  }

  /** Waits for the end of the server, and meanwhile limits its log; returns the exit code. */
  private int awaitEnd(Process process) throws InterruptedException {
    while (!process.waitFor(LOG_CHECK.toMillis(), TimeUnit.MILLISECONDS)) {
      boundLog();
    }
    return process.exitValue();
  }

  private void boundLog() {
    try {
      files.log().bound();
    } catch (IOException e) {
      progress.accept("The log of PostgreSQL cannot be bounded: " + e.getMessage());
    }
  }

  private synchronized Process current() {
    return server;
  }

  private void launchAgain() throws InterruptedException {
    try {
      synchronized (this) {
        if (closing.getCount() == 0) {
          return;
        }
        server = launch();
      }
      if (awaitReady()) {
        refuseUnlessDurable();
      }
    } catch (IOException | RuntimeException e) {
      if (closing.getCount() > 0) {
        progress.accept("PostgreSQL cannot be started again yet: " + e.getMessage());
        endServer();
      }
    }
  }

  private synchronized void endServer() {
    if (server.isAlive()) {
      Postmaster.end(server);
    }
  }
}
