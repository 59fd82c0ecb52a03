package dev.keyledger.projection;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.audit.AuditProjection;
import dev.keyledger.audit.AuditTrail;
import dev.keyledger.directory.Directory;
import dev.keyledger.directory.DirectoryProjection;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.LogReader;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.NewEvent;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A log on a real PostgreSQL and its projections, for one of several nodes. */
public final class TestLog implements AutoCloseable {
  /** Much longer than anything here takes, so that exceeding it is a failure. */
  public static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final int UNIT = 20;
  private static final EmbeddedPostgres POSTGRES = startPostgres();
  private static final AtomicInteger COUNT = new AtomicInteger();

  static {
    createTemplate();
  }

  public final DatabaseSettings settings;
  public final LedgerDatabase database;
  public final ProjectionDatabase projections;
  public final LogReader reader;
  public final EventCodec codec = new EventCodec();
  public final DirectoryProjection directoryProjection = new DirectoryProjection();
  public final AuditProjection auditProjection = new AuditProjection();
  public final Directory directory;
  public final AuditTrail audit;
  public final LogTail tail;
  public final ProjectionRunners runners;
  private final LogAppender appender;

  private TestLog(DatabaseSettings settings) {
    this.settings = settings;
    database = LedgerDatabase.open(settings);
    projections = new ProjectionDatabase(database);
    reader = new LogReader(database, codec);
    directory = new Directory(projections, directoryProjection);
    audit = new AuditTrail(projections, auditProjection, codec);
    tail = new LogTail(database, codec, 0, _ -> {});
    runners = runners(directoryProjection, auditProjection);
    appender = new LogAppender(database, codec, InstantSource.system());
    tail.start();
  }

  /** Creates a node on a new database that does not move its projections. */
  public static TestLog empty() {
    return new TestLog(newDatabase());
  }

  /** Creates a node on a new database that moves its projections. */
  public static TestLog following() {
    TestLog log = empty();
    log.runners.start();
    return log;
  }

  /** Creates a node on a database that may already hold a log. */
  public static TestLog on(DatabaseSettings settings) {
    return new TestLog(settings);
  }

  /** Returns the settings of a new database with an empty log and empty projections. */
  public static DatabaseSettings newDatabase() {
    return newDatabase("template_of_lists");
  }

  /** Returns the settings of a new database without any table. */
  static DatabaseSettings newDatabaseWithoutTables() {
    return newDatabase("template0");
  }

  private static DatabaseSettings newDatabase(String template) {
    String name = "lists" + COUNT.incrementAndGet();
    execute(settings("postgres"), "CREATE DATABASE " + name + " TEMPLATE " + template);
    return settings(name);
  }

  /** Creates the template, because copying a database costs less than migrating an empty one. */
  private static void createTemplate() {
    execute(settings("postgres"), "CREATE DATABASE template_of_lists");
    try (LedgerDatabase database = LedgerDatabase.open(settings("template_of_lists"))) {
      var _ = new ProjectionDatabase(database);
    }
  }

  /** Creates another node on the same database, which does not update its projections yet. */
  public TestLog secondNode() {
    return new TestLog(settings);
  }

  /** Creates more runners of this node; the caller closes them. */
  ProjectionRunners runners(Projection... moved) {
    return new ProjectionRunners(List.of(moved), projections, tail, "test");
  }

  public List<LoggedEvent> append(NewEvent... events) {
    return appender.append(List.of(events));
  }

  /** Erases the contexts of earlier events, together with the event that records it. */
  public List<LoggedEvent> erase(NewEvent event, List<Long> positions) {
    return appender.append(List.of(event), List.of(), LogAppender.WORKSPACES_ALL_KNOWN, positions);
  }

  public List<LoggedEvent> append(List<NewEvent> events) {
    var appended = new ArrayList<LoggedEvent>();
    for (int i = 0; i < events.size(); i += UNIT) {
      appended.addAll(appender.append(events.subList(i, Math.min(i + UNIT, events.size()))));
    }
    return appended;
  }

  /** Waits until both projections have reached the head of the log. */
  public void awaitApplied() {
    long head = reader.head().position();
    for (Projection projection : List.of(directoryProjection, auditProjection)) {
      assertThat(projections.watch(projection).await(head, PATIENCE))
          .as(() -> projection.name() + " reaches " + head + " " + runners.failures())
          .isTrue();
    }
  }

  public static void execute(DatabaseSettings settings, String sql) {
    try (Connection connection =
            DriverManager.getConnection(
                settings.jdbcUrl(), settings.username(), settings.password());
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    runners.close();
    appender.close();
    tail.close();
    database.close();
  }

  private static DatabaseSettings settings(String database) {
    return new DatabaseSettings(
        "jdbc:postgresql://localhost:" + POSTGRES.getPort() + "/" + database, "postgres", "x");
  }

  private static EmbeddedPostgres startPostgres() {
    try {
      Files.writeString(Path.of("target/started"), "PostgreSQL server\n", CREATE, APPEND);
      return EmbeddedPostgres.builder().setServerConfig("max_connections", "200").start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
