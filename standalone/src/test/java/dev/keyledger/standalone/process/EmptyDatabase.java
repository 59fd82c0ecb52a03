package dev.keyledger.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.standalone.datadirectory.DataDirectory;
import dev.keyledger.standalone.datadirectory.GeneratedSecrets;
import dev.keyledger.standalone.postgres.EmbeddedDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A data directory with a PostgreSQL that is unpacked, initialised and empty. Copies share the
 * pepper and the database's password. The log with its store id and the root key do not exist yet,
 * so that each copy gets its own.
 */
final class EmptyDatabase {
  private EmptyDatabase() {}

  /** Creates such a data directory as a copy, because unpacking and initialising take seconds. */
  static void copyTo(Path directory) throws IOException {
    Path template = OncePerBuild.directory("empty-database", EmptyDatabase::make);
    Process copy =
        new ProcessBuilder("cp", "-a", template.toString(), directory.toString())
            .inheritIO()
            .start();
    assertThat(copy.onExit().join().exitValue()).isZero();
  }

  private static void make(Path directory) throws IOException, InterruptedException {
    try (var data = DataDirectory.open(directory)) {
      new GeneratedSecrets(data).peppers();
      EmbeddedDatabase.start(data, _ -> {}).close();
    }
    Started.databases(directory);
    Files.delete(directory.resolve("postgres/postgresql.log"));
  }
}
