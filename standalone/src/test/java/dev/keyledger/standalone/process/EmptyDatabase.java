package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.projection.ProjectionDatabase;
import dev.keyledger.standalone.datadirectory.DataDirectory;
import dev.keyledger.standalone.datadirectory.GeneratedSecrets;
import dev.keyledger.standalone.postgres.EmbeddedDatabase;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A data directory with a PostgreSQL that is unpacked, initialised and holds no event. Copies share
 * the pepper, the database's password and, by a symbolic link, the unpacked programs. The root key
 * does not exist yet.
 */
final class EmptyDatabase {
  private EmptyDatabase() {}

  /** Copies one without tables, because unpacking and initialising take seconds. */
  static void copyTo(Path directory) throws IOException {
    copy(OncePerBuild.directory("empty-database", EmptyDatabase::make), directory);
  }

  /**
   * Copies one with empty tables, because migrating takes as long again. Its store id is shared.
   */
  static void copyWithTablesTo(Path directory) throws IOException {
    copy(OncePerBuild.directory("empty-tables", EmptyDatabase::makeTables), directory);
  }

  private static void copy(Path template, Path directory) throws IOException {
    Process copy =
        new ProcessBuilder("cp", "-aT", template.toString(), directory.toString())
            .inheritIO()
            .start();
    assertThat(copy.onExit().join().exitValue()).isZero();
  }

  private static void make(Path directory) throws IOException, InterruptedException {
    try (var data = DataDirectory.open(directory)) {
      new GeneratedSecrets(data).peppers();
      EmbeddedDatabase.start(data, _ -> {}).close();
    }
    forgetLog(directory);
    sharePrograms(directory.resolve("postgres"));
  }

  /** Replaces the programs by a link, because copying them takes longer than copying the data. */
  private static void sharePrograms(Path home) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(home, "binaries-*")) {
      for (Path programs : all) {
        Path shared =
            OncePerBuild.directory(
                "programs",
                directory -> {
                  // PostgreSQL may run as another user.
                  Files.setPosixFilePermissions(
                      directory, PosixFilePermissions.fromString("rwxr-xr-x"));
                  Files.move(programs, directory.resolve(programs.getFileName()));
                });
        Files.createSymbolicLink(programs, shared.resolve(programs.getFileName()));
      }
    }
  }

  private static void makeTables(Path directory) throws IOException, InterruptedException {
    copyTo(directory);
    try (var data = DataDirectory.open(directory);
        var postgres = EmbeddedDatabase.start(data, _ -> {});
        var ledger =
            LedgerDatabase.open(
                new DatabaseSettings(
                    postgres.jdbcUrl(), postgres.username(), postgres.password()))) {
      var _ = new ProjectionDatabase(ledger);
    }
    forgetLog(directory);
  }

  private static void forgetLog(Path directory) throws IOException {
    Started.databases(directory);
    Files.delete(directory.resolve("postgres/postgresql.log"));
  }
}
