package dev.keyledger.standalone.postgres;

import dev.keyledger.launch.StartupRefusedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * PostgreSQL's data directory, created atomically, in the version that its programs can read.
 *
 * @param data the data directory itself
 * @param log the log for the output of PostgreSQL's programs
 */
record DatabaseFiles(Path data, ServerLog log, ServerBinaries binaries, ServerAccount account) {
  static final String DATABASE = "keyledger";
  static final String USERNAME = "keyledger";

  private static final String PREFIX_OF_UNFINISHED = "initializing-";
  private static final int INITIALIZING_SECONDS_MAX = 120;

  /**
   * The clients that may log in. PostgreSQL's superuser exists but cannot log in, so that an
   * attacker in the application gets no more rights in the database than the application has.
   */
  private static final String CLIENTS_ALLOWED =
      "host %s %s 127.0.0.1/32 scram-sha-256%n".formatted(DATABASE, USERNAME);

  /** Creates the database if there is none, and rejects one that the programs cannot read. */
  void prepare(String password, Consumer<String> progress)
      throws IOException, InterruptedException {
    removeUnfinished(progress);
    if (Files.exists(data)) {
      account.owns(data);
      refuseOtherVersion();
    } else {
      progress.accept("Creating the database in " + data);
      initialize(password);
    }
  }

  /**
   * Creates the database in a directory that no later start mistakes for one, and then renames it.
   */
  private void initialize(String password) throws IOException, InterruptedException {
    Path unfinished = Files.createTempDirectory(data.resolveSibling(""), PREFIX_OF_UNFINISHED);
    account.owns(unfinished);
    Path cluster = unfinished.resolve("data");
    // The same on every machine: sort orders of the C library change with its version, and then
    // indexes are corrupt.
    run(
        account.command(
            binaries.program("initdb"),
            "--pgdata=" + cluster,
            "--username=postgres",
            "--auth=reject",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions"),
        "");
    run(
        account.command(
            binaries.program("postgres"),
            "--single",
            "-D",
            cluster,
            "-c",
            "exit_on_error=on",
            // A failing statement must not write the password to the log.
            "-c",
            "log_min_error_statement=panic",
            "postgres"),
        // Iterations protect passwords that can be guessed. This one is random, and each connection
        // of a node would pay for them.
        """
        SET scram_iterations = 1
        CREATE ROLE %s LOGIN PASSWORD '%s'
        CREATE DATABASE %s OWNER %1$s
        """
            .formatted(USERNAME, password, DATABASE));
    Path clients = cluster.resolve("pg_hba.conf");
    Files.writeString(clients, CLIENTS_ALLOWED);
    force(clients);
    Files.move(cluster, data, StandardCopyOption.ATOMIC_MOVE);
    force(data.resolveSibling(""));
    deleteTree(unfinished);
  }

  private void run(ProcessBuilder program, String input) throws IOException, InterruptedException {
    long logged = log.size();
    Process process = program.redirectErrorStream(true).redirectOutput(log.append()).start();
    try {
      try (var stdin = process.outputWriter(StandardCharsets.US_ASCII)) {
        stdin.write(input);
      }
      if (!process.waitFor(INITIALIZING_SECONDS_MAX, TimeUnit.SECONDS)
          || process.exitValue() != 0) {
        throw log.refusal("PostgreSQL could not create its database.", logged);
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private void refuseOtherVersion() throws IOException {
    String found = Files.readString(data.resolve("PG_VERSION")).strip();
    String ours = version();
    if (!found.equals(ours)) {
      throw new StartupRefusedException(
          ("The database in %s was made by PostgreSQL %s, and Keyledger now runs PostgreSQL %s:"
                  + " move it with pg_dump and the Keyledger that made it.")
              .formatted(data, found, ours));
    }
  }

  /** Returns the major version of the programs. */
  private String version() throws IOException {
    Process process =
        account
            .command(binaries.program("postgres"), "--version")
            .redirectErrorStream(true)
            .start();
    try (var output = process.inputReader(StandardCharsets.US_ASCII)) {
      return String.valueOf(output.readLine()).replaceFirst(".*\\) ", "").replaceFirst("\\..*", "");
    }
  }

  private void removeUnfinished(Consumer<String> progress) throws IOException {
    try (Stream<Path> siblings = Files.list(data.resolveSibling(""))) {
      for (Path sibling : (Iterable<Path>) siblings::iterator) {
        if (sibling.getFileName().toString().startsWith(PREFIX_OF_UNFINISHED)) {
          try {
            deleteTree(sibling);
          } catch (DirectoryNotEmptyException stillWrittenTo) {
            progress.accept("Left to the next start, as it is still written to: " + sibling);
          }
        }
      }
    }
  }

  static void deleteTree(Path root) throws IOException {
    List<Path> deepestFirst;
    try (Stream<Path> files = Files.walk(root)) {
      deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
    } catch (NoSuchFileException gone) {
      return;
    }
    for (Path file : deepestFirst) {
      Files.deleteIfExists(file);
    }
  }

  private static void force(Path path) throws IOException {
    try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
