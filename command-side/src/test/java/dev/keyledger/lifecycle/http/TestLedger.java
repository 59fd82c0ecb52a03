package dev.keyledger.lifecycle.http;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.LedgerDatabase;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** A database for one test, in the one PostgreSQL of the module's tests. */
final class TestLedger {
  private static final EmbeddedPostgres POSTGRES = start();
  private static final AtomicInteger COUNT = new AtomicInteger();

  static {
    // Copying a database costs less than migrating one.
    execute("postgres", "CREATE DATABASE migrated");
    LedgerDatabase.open(new DatabaseSettings(jdbcUrl("migrated"), "postgres", "x")).close();
  }

  private final String name = "command" + COUNT.incrementAndGet();

  /** Creates a database with an empty log. */
  TestLedger() {
    execute("postgres", "CREATE DATABASE " + name + " TEMPLATE migrated");
  }

  String jdbcUrl() {
    return jdbcUrl(name);
  }

  void execute(String sql) {
    execute(name, sql);
  }

  /** Returns the first column of the first row. */
  long number(String sql) {
    return Long.parseLong(text(sql));
  }

  /** Returns the first column of the first row, as text. */
  String text(String sql) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl(), "postgres", "x");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  /** Returns all rows of a table as text, with bytes as hexadecimal digits and as characters. */
  String dump(String table) {
    var all = new StringBuilder();
    try (Connection connection = DriverManager.getConnection(jdbcUrl(), "postgres", "x");
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT * FROM " + table)) {
      while (row.next()) {
        for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
          all.append(row.getString(i)).append('\n');
          if (row.getMetaData().getColumnTypeName(i).equals("bytea") && row.getBytes(i) != null) {
            all.append(new String(row.getBytes(i), java.nio.charset.StandardCharsets.ISO_8859_1));
          }
        }
      }
      return all.toString();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static void execute(String database, String sql) {
    try (Connection connection = DriverManager.getConnection(jdbcUrl(database), "postgres", "x");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  private static String jdbcUrl(String database) {
    return "jdbc:postgresql://localhost:" + POSTGRES.getPort() + "/" + database;
  }

  private static EmbeddedPostgres start() {
    try {
      Files.writeString(Path.of("target/started"), "PostgreSQL server\n", CREATE, APPEND);
      return EmbeddedPostgres.builder().setServerConfig("max_connections", "200").start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
