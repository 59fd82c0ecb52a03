package dev.keyledger.standalone.process;

import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.proofs.LogKeys;
import dev.keyledger.standalone.datadirectory.DataDirectory;
import dev.keyledger.standalone.postgres.EmbeddedDatabase;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;

/** A PostgreSQL that no Keyledger has started, like a user's own, for one or more nodes. */
public final class OwnDatabase implements AutoCloseable {
  private final DataDirectory directory;
  private final EmbeddedDatabase database;

  private OwnDatabase(DataDirectory directory, EmbeddedDatabase database) {
    this.directory = directory;
    this.database = database;
  }

  /**
   * Starts an empty database.
   *
   * @param directory the parent of its data directory
   */
  public static OwnDatabase start(Path directory) throws IOException, InterruptedException {
    Path own = directory.resolve("own-database");
    EmptyDatabase.copyTo(own);
    DataDirectory data = DataDirectory.open(own);
    return new OwnDatabase(data, EmbeddedDatabase.start(data, _ -> {}));
  }

  /** Returns the configuration of a Keyledger that uses it, with a root key and a pepper. */
  public Map<String, String> environment() {
    return environment(database.jdbcUrl(), database.username(), database.password());
  }

  static Map<String, String> environment(String url, String username, String password) {
    var environment = new LinkedHashMap<String, String>();
    environment.put("KEYLEDGER_DATABASE_URL", url);
    environment.put("KEYLEDGER_DATABASE_USERNAME", username);
    environment.put("KEYLEDGER_DATABASE_PASSWORD", password);
    environment.put("KEYLEDGER_LOG_KEY_FILE", logKeys().toString());
    environment.put("KEYLEDGER_ROOT_KEY", "root-key-of-those-who-share-a-database");
    environment.put("KEYLEDGER_PEPPERS", "1:" + Base64.getEncoder().encodeToString(new byte[32]));
    return environment;
  }

  /** Creates a proxy to it, which can disturb the connection. */
  public TcpProxy proxy() throws IOException {
    return new TcpProxy(URI.create(database.jdbcUrl().substring(5)).getPort());
  }

  /** Returns the same configuration for a connection through a proxy. */
  public Map<String, String> environment(TcpProxy through) {
    Map<String, String> environment = environment();
    environment.put(
        "KEYLEDGER_DATABASE_URL",
        database.jdbcUrl().replaceFirst(":[0-9]+/", ":" + through.port() + "/"));
    return environment;
  }

  /** Returns the settings to open its log without a Keyledger. */
  public DatabaseSettings settings() {
    return new DatabaseSettings(database.jdbcUrl(), database.username(), database.password());
  }

  /** Opens a connection with Keyledger's role. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(
        database.jdbcUrl(), database.username(), database.password());
  }

  /** Stops it permanently while nodes are using it. */
  public void stop() {
    database.close();
  }

  @Override
  public void close() throws IOException {
    database.close();
    directory.close();
    Started.databases(directory.path());
    KeyledgerProcess.deleteDirectory(directory.path());
  }

  private static Path logKeys() {
    String name = "log.key";
    return OncePerBuild.directory(
            name,
            directory -> Files.writeString(directory.resolve(name), LogKeys.generate().toPem()))
        .resolve(name);
  }
}
