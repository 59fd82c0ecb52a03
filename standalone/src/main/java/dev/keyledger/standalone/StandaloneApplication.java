package dev.keyledger.standalone;

import dev.keyledger.standalone.datadirectory.DataDirectory;
import dev.keyledger.standalone.datadirectory.GeneratedSecret;
import dev.keyledger.standalone.datadirectory.GeneratedSecrets;
import dev.keyledger.standalone.postgres.EmbeddedDatabase;
import java.io.IOException;
import java.nio.file.Path;

/** Starts Keyledger. */
public final class StandaloneApplication {
  private StandaloneApplication() {}

  /** Starts it, and returns when it is ready. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    String directory = System.getenv().getOrDefault("KEYLEDGER_DATA_DIR", "data");
    DataDirectory dataDirectory = DataDirectory.open(Path.of(directory));
    var secrets = new GeneratedSecrets(dataDirectory);
    GeneratedSecret rootKey = secrets.rootKey();
    GeneratedSecret peppers = secrets.peppers();
    EmbeddedDatabase database = EmbeddedDatabase.start(dataDirectory, System.out::println);
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(database::close));
    if (rootKey.justMade()) {
      System.out.println("The root key, shown this once: " + rootKey.revealSecret());
    }
    System.out.println(database.jdbcUrl() + " " + peppers.file());
    Thread.currentThread().join();
  }
}
