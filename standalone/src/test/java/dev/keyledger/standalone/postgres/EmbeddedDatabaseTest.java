package dev.keyledger.standalone.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.standalone.datadirectory.DataDirectory;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real PostgreSQL: each test that can starts from a copy of one data directory. */
@Timeout(30)
class EmbeddedDatabaseTest {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  /**
   * The first test that needs the data directory creates it and stops it cleanly; others copy it,
   * because unpacking takes a while.
   */
  @TempDir private static Path template;

  @TempDir private Path directory;
  private final List<String> progress = Collections.synchronizedList(new ArrayList<>());
  private final List<AutoCloseable> opened = new ArrayList<>();

  @BeforeEach
  void copyTemplate() throws Exception {
    if (!Files.exists(template.resolve("postgres"))) {
      try (var data = DataDirectory.open(template);
          var database = EmbeddedDatabase.start(data, progress::add)) {
        assertThat(progress).anyMatch(line -> line.startsWith("Creating the database"));
        run(database, "CREATE TABLE kept (value text)");
      }
    }
    Process copy =
        new ProcessBuilder("cp", "-a", template + "/.", directory.toString()).inheritIO().start();
    assertThat(copy.waitFor()).isZero();
    progress.clear();
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  @Test
  void keepsItsRowsAcrossRestarts() throws Exception {
    try (var data = DataDirectory.open(directory);
        var database = EmbeddedDatabase.start(data, progress::add)) {
      run(database, "INSERT INTO kept VALUES ('a')");
    }

    assertThat(select(start(), "SELECT value FROM kept")).containsExactly("a");
    assertThat(progress).isEmpty();
  }

  @Test
  void isDurableAndSaysSo() throws Exception {
    EmbeddedDatabase database = start();

    for (String setting : List.of("fsync", "synchronous_commit", "full_page_writes")) {
      assertThat(select(database, "SHOW " + setting)).containsExactly("on");
    }
    assertThat(select(database, "SHOW data_checksums")).containsExactly("on");
    assertThat(select(database, "SHOW server_version")).singleElement().asString().startsWith("18");
  }

  @Test
  void aSettingThatLosesCommitsIsOverruledAndOneThatCannotBeIsRefused() throws Exception {
    Path configuration = directory.resolve("postgres/data/postgresql.conf");
    Files.writeString(configuration, Files.readString(configuration) + "\nfsync = off\n");
    try (var data = DataDirectory.open(directory);
        var database = EmbeddedDatabase.start(data, progress::add)) {
      assertThat(select(database, "SHOW fsync")).containsExactly("on");
      run(database, "ALTER ROLE keyledger SET synchronous_commit = off");
    }

    assertThatThrownBy(this::start)
        .isInstanceOf(StartupRefusedException.class)
        .hasMessageContaining("not durable: synchronous_commit is off");
    assertThat(directory.resolve("postgres/data/postmaster.pid")).doesNotExist();
  }

  @Test
  void noLoginWithoutThePasswordNorAsSuperuser() throws Exception {
    EmbeddedDatabase database = start();

    assertThatThrownBy(() -> connect(database.jdbcUrl(), "keyledger", ""))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("password");
    assertThatThrownBy(() -> connect(database.jdbcUrl(), "keyledger", "keyledger"))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("password authentication failed");
    assertThatThrownBy(() -> connect(database.jdbcUrl(), "postgres", database.password()))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("no pg_hba.conf entry");
    assertThat(select(database, "SHOW is_superuser")).containsExactly("off");
    List<String> pidFile = Files.readAllLines(directory.resolve("postgres/data/postmaster.pid"));
    assertThat(pidFile.get(4)).as("directory of the socket").isEmpty();
    assertThat(pidFile.get(5)).as("address").isEqualTo("127.0.0.1");
  }

  @Test
  void nothingOfItIsOpenToOthersOnTheMachine() throws Exception {
    EmbeddedDatabase database = start();

    try (Stream<Path> files = Files.walk(directory)) {
      // PostgreSQL's temporary files may be gone again.
      assertThat(files.filter(Files::isRegularFile))
          .allSatisfy(file -> assertThat(mode(file)).endsWith("---"));
    }
    assertThat(mode(directory.resolve("postgres/data"))).isEqualTo("rwx------");
    assertThat(database.toString()).doesNotContain(database.password());
    assertThat(Files.readString(directory.resolve("postgres/postgresql.log")))
        .doesNotContain(database.password());
  }

  @Test
  void aSecondStartOnTheSameDirectoryIsRefusedAndLeavesTheFirstAlone() throws Exception {
    EmbeddedDatabase database = start();
    Process second = otherKeyledger("second");

    assertThat(second.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(Files.readString(output("second")))
        .contains("StartupRefusedException", "in use by another Keyledger")
        .contains("process " + ProcessHandle.current().pid());
    assertThat(select(database, "SELECT 1")).containsExactly("1");
  }

  @Test
  void theOrphanOfAKilledProcessIsEndedAndItsRowsAreKept() throws Exception {
    Process killed = otherKeyledger("killed");
    await()
        .atMost(PATIENCE)
        .until(() -> Files.readString(output("killed")).contains("acknowledged"));
    long orphan =
        Long.parseLong(
            Files.readAllLines(directory.resolve("postgres/data/postmaster.pid")).getFirst());

    ProcessHandle.of(orphan).ifPresent(process -> opened.add(process::destroyForcibly));
    killed.destroyForcibly();
    assertThat(killed.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(ProcessHandle.of(orphan)).get().matches(ProcessHandle::isAlive);
    EmbeddedDatabase database = start();

    assertThat(progress)
        .containsExactly(
            "Ending PostgreSQL (process %d), left by a killed Keyledger".formatted(orphan));
    assertThat(ProcessHandle.of(orphan).filter(ProcessHandle::isAlive)).isEmpty();
    assertThat(select(database, "SELECT value FROM kept")).containsExactly("acknowledged");
  }

  @Test
  void aProcessThatHasTheNumberOfADeadPostgresIsNotEnded() throws Exception {
    Process bystander = new ProcessBuilder("sleep", "60").start();
    opened.add(bystander::destroyForcibly);
    Files.writeString(
        directory.resolve("postgres/data/postmaster.pid"),
        bystander.pid() + "\n" + directory + "\n");

    assertThat(select(start(), "SELECT 1")).containsExactly("1");
    assertThat(bystander.isAlive()).isTrue();
  }

  @Test
  void aKilledPostgresComesBackAtTheSameAddressWithItsRows() throws Exception {
    EmbeddedDatabase database = start();
    long first = processId();
    run(database, "INSERT INTO kept VALUES ('acknowledged')");

    assertThat(ProcessHandle.of(first).map(ProcessHandle::destroyForcibly)).contains(true);

    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(SQLException.class)
        .untilAsserted(() ->
            assertThat(select(database, "SELECT value FROM kept")).containsExactly("acknowledged"));
    assertThat(processId()).isNotEqualTo(first);
    assertThat(progress).anyMatch(line -> line.contains("ended by itself"));
  }

  @Test
  void aPostgresThatKeepsDyingIsStartedMoreAndMoreRarely() throws Exception {
    start();
    Path configuration = directory.resolve("postgres/data/postgresql.conf");
    Files.writeString(configuration, "shared_buffers = 'plenty'\n");
    assertThat(ProcessHandle.of(processId()).map(ProcessHandle::destroyForcibly)).contains(true);

    await().atMost(PATIENCE).until(() -> restarts().size() >= 3);
    assertThat(restarts().subList(0, 3)).containsExactly("1", "2", "4");
  }

  private List<String> restarts() {
    return List.copyOf(progress).stream()
        .filter(line -> line.contains("ended by itself"))
        .map(line -> line.replaceFirst(".* again in (\\d+) s.*", "$1"))
        .toList();
  }

  @Test
  void aRestartedPostgresThatIsNotDurableIsEnded() throws Exception {
    EmbeddedDatabase database = start();
    run(database, "ALTER ROLE keyledger SET synchronous_commit = off");
    assertThat(ProcessHandle.of(processId()).map(ProcessHandle::destroyForcibly)).contains(true);

    await()
        .atMost(PATIENCE)
        .until(() ->
            List.copyOf(progress).stream()
                .anyMatch(line -> line.contains("not durable: synchronous_commit is off")));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThatThrownBy(() -> connect(database)).isInstanceOf(SQLException.class));
  }

  @Test
  void itsLogIsBoundedWhileItRuns() throws Exception {
    EmbeddedDatabase database = start();
    Path log = directory.resolve("postgres/postgresql.log");
    Files.writeString(log, "x".repeat((int) ServerLog.BYTES_MAX + 1), StandardOpenOption.APPEND);

    await().atMost(PATIENCE).until(() -> Files.size(log) < ServerLog.BYTES_MAX / 2);
    assertThat(directory.resolve("postgres/postgresql.log.1")).isNotEmptyFile();
    assertThatThrownBy(() -> connect(database.jdbcUrl(), "keyledger", ""))
        .isInstanceOf(SQLException.class);
    assertThatThrownBy(() -> connect(database.jdbcUrl(), "nobody", "x"))
        .isInstanceOf(SQLException.class);
    await().atMost(PATIENCE).until(() -> Files.readString(log).contains("nobody"));
    assertThat(Files.size(log)).as("no hole before what follows").isLessThan(1 << 20);
  }

  /** Returns the process id of the running PostgreSQL, from its own file. */
  private long processId() throws IOException {
    return Long.parseLong(
        Files.readAllLines(directory.resolve("postgres/data/postmaster.pid")).getFirst());
  }

  @Test
  void itEndsWithinTenSecondsAlthoughAClientIsBusy() throws Exception {
    EmbeddedDatabase database = start();
    long process = processId();
    try (Connection busy = connect(database)) {
      busy.setAutoCommit(false);
      busy.createStatement().execute("LOCK TABLE kept");
      long begun = System.nanoTime();

      database.close();
      database.close();

      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(8));
    }
    assertThat(ProcessHandle.of(process).filter(ProcessHandle::isAlive)).isEmpty();
    assertThat(directory.resolve("postgres/data/postmaster.pid")).doesNotExist();
  }

  @Test
  void aDatabaseOfAnotherMajorVersionIsRefusedInALine() throws Exception {
    Files.writeString(directory.resolve("postgres/data/PG_VERSION"), "17\n");

    assertThatThrownBy(this::start)
        .isInstanceOf(StartupRefusedException.class)
        .hasMessageContaining("made by PostgreSQL 17, and Keyledger now runs PostgreSQL 18")
        .hasMessageMatching(".*");
  }

  @Test
  void theOutputOfPostgresIsInTheRefusal() throws Exception {
    Path configuration = directory.resolve("postgres/data/postgresql.conf");
    Files.writeString(configuration, "shared_buffers = 'plenty'\n");

    assertThatThrownBy(this::start)
        .isInstanceOf(StartupRefusedException.class)
        .hasMessageContaining("PostgreSQL did not start")
        .hasMessageContaining("plenty");
  }

  @Test
  void leftoversOfAStartKilledInTheMiddleAreRemoved() throws Exception {
    Path home = directory.resolve("postgres");
    Files.createDirectories(home.resolve("initializing-1/data/base"));
    Files.createFile(home.resolve("initializing-1/data/PG_VERSION"));
    Files.createDirectories(home.resolve("binaries-1/bin"));

    start();

    try (Stream<Path> left = Files.list(home)) {
      assertThat(left.map(path -> path.getFileName().toString().replaceFirst("-.*", "")))
          .containsExactlyInAnyOrder("binaries", "data", "postgresql.log");
    }
    assertThat(home.resolve("binaries-1")).doesNotExist();
  }

  private EmbeddedDatabase start() throws Exception {
    var data = DataDirectory.open(directory);
    opened.add(data);
    var database = EmbeddedDatabase.start(data, progress::add);
    opened.add(database);
    return database;
  }

  private Path output(String name) {
    return template.resolveSibling(name + "-" + directory.getFileName() + ".txt");
  }

  /** Starts another process, which starts the database, adds a row and then waits. */
  private Process otherKeyledger(String name) throws IOException {
    Files.createFile(output(name));
    opened.add(() -> Files.deleteIfExists(output(name)));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                OtherKeyledger.class.getName(),
                directory.toString())
            .redirectErrorStream(true)
            .redirectOutput(output(name).toFile())
            .start();
    opened.add(process::destroyForcibly);
    return process;
  }

  /** The main class of a process to kill. */
  static final class OtherKeyledger {
    private OtherKeyledger() {}

    public static void main(String[] arguments) throws Exception {
      var data = DataDirectory.open(Path.of(arguments[0]));
      var database = EmbeddedDatabase.start(data, System.out::println);
      run(database, "INSERT INTO kept VALUES ('acknowledged')");
      System.out.println("acknowledged");
      new ServerSocket(0).accept();
    }
  }

  private static void run(EmbeddedDatabase database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static List<String> select(EmbeddedDatabase database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      var values = new ArrayList<String>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  private static Connection connect(EmbeddedDatabase database) throws SQLException {
    return connect(database.jdbcUrl(), database.username(), database.password());
  }

  private static Connection connect(String url, String username, String password)
      throws SQLException {
    return DriverManager.getConnection(url, username, password);
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
