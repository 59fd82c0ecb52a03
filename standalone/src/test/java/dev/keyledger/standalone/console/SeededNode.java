package dev.keyledger.standalone.console;

import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.standalone.datadirectory.DataDirectory;
import dev.keyledger.standalone.postgres.EmbeddedDatabase;
import dev.keyledger.standalone.process.Application;
import dev.keyledger.standalone.process.KeyledgerProcess;
import dev.keyledger.verification.secret.Peppers;
import java.nio.file.Path;
import java.util.Map;

/** A node on a log that was filled before its start. */
final class SeededNode {
  private static final String PEPPER = "1:" + "A".repeat(43) + "=";

  /** The peppers of the node. */
  static final Peppers PEPPERS = Peppers.parse(PEPPER);

  private SeededNode() {}

  /** Fills an empty log. */
  interface Seed {
    void into(DatabaseSettings settings) throws Exception;
  }

  /** Does something with the node. */
  interface Use {
    void of(KeyledgerProcess node) throws Exception;
  }

  /** Fills a log in a directory, starts a node on it, uses the node, and ends both. */
  static void use(Path directory, Seed seed, Use use) throws Exception {
    try (DataDirectory data = DataDirectory.open(directory.resolve("data"));
        EmbeddedDatabase database = EmbeddedDatabase.start(data, _ -> {})) {
      var settings =
          new DatabaseSettings(database.jdbcUrl(), database.username(), database.password());
      seed.into(settings);
      try (KeyledgerProcess node =
          KeyledgerProcess.start(Application.STANDALONE, environment(settings))) {
        use.of(node);
      }
    }
  }

  private static Map<String, String> environment(DatabaseSettings settings) {
    return Map.of(
        "KEYLEDGER_DATABASE_URL", settings.jdbcUrl(),
        "KEYLEDGER_DATABASE_USERNAME", settings.username(),
        "KEYLEDGER_DATABASE_PASSWORD", settings.password(),
        "KEYLEDGER_PEPPERS", PEPPER,
        "KEYLEDGER_NODE_NAME", "node-1.example.com");
  }
}
