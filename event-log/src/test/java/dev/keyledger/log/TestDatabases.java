package dev.keyledger.log;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** One PostgreSQL for all tests of the module, with a new database for each caller. */
public final class TestDatabases {
  private static final EmbeddedPostgres POSTGRES = start();
  private static final AtomicInteger COUNT = new AtomicInteger();

  static {
    // Copying a database costs less than migrating one.
    execute(settings("postgres"), "CREATE DATABASE migrated");
    LedgerDatabase.open(settings("migrated")).close();
  }

  private TestDatabases() {}

  /** Returns the settings of a new database with an empty log. */
  public static DatabaseSettings empty() {
    return copyOf("migrated");
  }

  /** Returns the settings of a new database without any table. */
  static DatabaseSettings withoutTables() {
    return copyOf("template0");
  }

  private static DatabaseSettings copyOf(String template) {
    String name = "ledger" + COUNT.incrementAndGet();
    execute(settings("postgres"), "CREATE DATABASE " + name + " TEMPLATE " + template);
    return settings(name);
  }

  private static DatabaseSettings settings(String database) {
    return new DatabaseSettings(
        "jdbc:postgresql://localhost:" + POSTGRES.getPort() + "/" + database, "postgres", "x");
  }

  /** Opens a session without Keyledger's timeouts. */
  public static Connection session(DatabaseSettings settings) throws SQLException {
    return DriverManager.getConnection(
        settings.jdbcUrl(), settings.username(), settings.password());
  }

  public static void execute(DatabaseSettings settings, String sql) {
    try (Connection connection = session(settings);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  static int portOf(DatabaseSettings settings) {
    return URI.create(settings.jdbcUrl().substring("jdbc:".length())).getPort();
  }

  /** Returns the same settings with the proxy's port. */
  static DatabaseSettings through(CuttingProxy proxy, DatabaseSettings settings) {
    return new DatabaseSettings(
        settings.jdbcUrl().replace(":" + portOf(settings) + "/", ":" + proxy.port() + "/"),
        settings.username(),
        settings.password());
  }

  private static EmbeddedPostgres start() {
    try {
      Files.writeString(Path.of("target/started"), "PostgreSQL server\n", CREATE, APPEND);
      return EmbeddedPostgres.builder().setServerConfig("max_connections", "100").start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
