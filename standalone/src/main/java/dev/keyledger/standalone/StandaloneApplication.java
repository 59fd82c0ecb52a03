package dev.keyledger.standalone;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.cli.Cli;
import dev.keyledger.command.CommandConfiguration;
import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.node.DatabaseProperties;
import dev.keyledger.node.NodeConfiguration;
import dev.keyledger.node.commands.CommandLine;
import dev.keyledger.node.commands.LogCommands;
import dev.keyledger.query.QueryConfiguration;
import dev.keyledger.query.RebuildCommand;
import dev.keyledger.standalone.datadirectory.DataDirectory;
import dev.keyledger.standalone.datadirectory.GeneratedSecret;
import dev.keyledger.standalone.datadirectory.GeneratedSecrets;
import dev.keyledger.standalone.postgres.EmbeddedDatabase;
import java.io.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.StandardEnvironment;

/** Both sides in one process, with an embedded PostgreSQL unless another one is configured. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({NodeConfiguration.class, CommandConfiguration.class, QueryConfiguration.class})
public class StandaloneApplication {
  private static final String DATABASE_URL = "keyledger.database.url";

  /** The settings of this process, before Spring runs. */
  private static final Binder SETTINGS = Binder.get(new StandardEnvironment());

  /** Starts the application, or executes the command in the arguments. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    var running = new Running();
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(running::stop));
    try {
      commandLine(running).run(running::start, arguments);
    } catch (IOException | InterruptedException e) {
      if (!running.isStopping()) {
        throw e;
      }
    }
  }

  private static CommandLine commandLine(Running running) {
    return new CommandLine(
        "keyledger.jar",
        "a node with both sides",
        List.of(
            LogCommands.check(running::findDatabase),
            LogCommands.newLogKey(),
            LogCommands.verifyLog(),
            RebuildCommand.in(running::findDatabase),
            LogCommands.newIncarnation(running::openDatabase)),
        Cli::commands);
  }

  /** The resources to close at the end of the process, in reverse order of their start. */
  private static final class Running {
    /** The longest wait for the context before its database is closed. */
    private static final Duration CONTEXT_CLOSE_MAX = Duration.ofSeconds(6);

    private volatile boolean stopping;

    /** The thread that is starting the database; {@link #stop} interrupts it. */
    private volatile @Nullable Thread databaseStarter;

    private volatile @Nullable EmbeddedDatabase database;

    @GuardedBy("this")
    private @Nullable ConfigurableApplicationContext context;

    /**
     * Opens only the database, which must exist. Its user does not hold the monitor, so that a stop
     * aborts the use.
     */
    synchronized DatabaseSettings openDatabase() throws IOException, InterruptedException {
      if (isSet(DATABASE_URL)) {
        return DatabaseProperties.primaryOfProcess();
      }
      if (!Files.exists(DataDirectory.postgresData(dataDirectory()))) {
        throw new StartupRefusedException(
            "KEYLEDGER_DATA_DIR: there is no database in %s. Name the data directory of a Keyledger,"
                    .formatted(dataDirectory())
                + " or its database with KEYLEDGER_DATABASE_URL.");
      }
      EmbeddedDatabase started = startDatabase(openDataDirectory());
      return new DatabaseSettings(started.jdbcUrl(), started.username(), started.password());
    }

    private EmbeddedDatabase startDatabase(DataDirectory dataDirectory)
        throws IOException, InterruptedException {
      databaseStarter = Thread.currentThread();
      try {
        EmbeddedDatabase started =
            EmbeddedDatabase.start(dataDirectory, StandaloneApplication::printProgress);
        database = started;
        return started;
      } finally {
        databaseStarter = null;
      }
    }

    /**
     * Returns the configured database, or that of a Keyledger already running on the data
     * directory; otherwise opens one.
     */
    DatabaseSettings findDatabase() throws IOException, InterruptedException {
      Optional<DatabaseSettings> running =
          isSet(DATABASE_URL)
              ? Optional.empty()
              : EmbeddedDatabase.ofAnotherProcess(dataDirectory());
      return running.isPresent() ? running.get() : openDatabase();
    }

    /**
     * Starts the application. Holds the monitor throughout, so that {@link #closeContext} waits for
     * it.
     */
    synchronized void start(String... arguments) throws IOException, InterruptedException {
      DataDirectory dataDirectory = openDataDirectory();
      var settings = new HashMap<String, Object>();
      GeneratedSecret rootKey = generateSecrets(new GeneratedSecrets(dataDirectory), settings);
      if (!isSet(DATABASE_URL)) {
        EmbeddedDatabase started = startDatabase(dataDirectory);
        settings.put(DATABASE_URL, started.jdbcUrl());
        settings.put("keyledger.database.username", started.username());
        settings.put("keyledger.database.password", started.password());
      }
      printProgress("Starting Keyledger");
      var application = new SpringApplication(StandaloneApplication.class);
      application.setRegisterShutdownHook(false); // the database must outlive the context
      application.setDefaultProperties(settings);
      context = application.run(arguments);
      printReady(address(context), rootKey);
    }

    boolean isStopping() {
      return stopping;
    }

    /**
     * Closes the context, then the database. A start of the database is aborted. A context that is
     * still starting, or does not close in time, is abandoned with the process.
     */
    void stop() {
      stopping = true;
      Thread starter = databaseStarter;
      if (starter != null) {
        starter.interrupt();
      }
      Thread closer = Thread.ofPlatform().daemon().start(this::closeContext);
      try {
        boolean _ = closer.join(CONTEXT_CLOSE_MAX);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
      EmbeddedDatabase started = database;
      if (started != null) {
        started.close();
      }
    }

    private synchronized void closeContext() {
      if (context != null) {
        context.close();
      }
    }
  }

  private static DataDirectory openDataDirectory() {
    try {
      return DataDirectory.open(dataDirectory());
    } catch (IOException e) {
      throw new StartupRefusedException(
          "KEYLEDGER_DATA_DIR: %s cannot be used. Name a directory that this user may create or write to."
              .formatted(dataDirectory()),
          e);
    }
  }

  private static Path dataDirectory() {
    return Path.of(SETTINGS.bind("keyledger.data-dir", String.class).orElse("data"));
  }

  private static @Nullable GeneratedSecret generateSecrets(
      GeneratedSecrets secrets, Map<String, Object> settings) throws IOException {
    if (!isSet("keyledger.peppers") && !isSet("keyledger.peppers-file")) {
      settings.put("keyledger.peppers", secrets.peppers().revealSecret());
    }
    if (!isSet("keyledger.log-key-file")) {
      settings.put("keyledger.log-key-file", secrets.logKeys().file().toString());
    }
    if (isSet("keyledger.root-key")) {
      return null;
    }
    GeneratedSecret rootKey = secrets.rootKey();
    settings.put("keyledger.root-key", rootKey.revealSecret());
    return rootKey;
  }

  private static boolean isSet(String property) {
    return !SETTINGS.bind(property, String.class).orElse("").isEmpty();
  }

  private static String address(ConfigurableApplicationContext context) {
    String host = context.getEnvironment().getProperty("server.address", "127.0.0.1");
    int port =
        context instanceof ServletWebServerApplicationContext web && web.getWebServer() != null
            ? web.getWebServer().getPort()
            : 0;
    boolean tls = Ssl.isEnabled(context.getBean(ServerProperties.class).getSsl());
    return (tls ? "https://" : "http://") + host + ":" + port;
  }

  /**
   * Returns whether the output is a terminal; otherwise it may end in a log that others can read.
   */
  @SuppressWarnings("SystemConsoleNull") // its specification still allows null
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  private static void printProgress(String line) {
    System.out.println(line);
  }

  private static void printReady(String address, @Nullable GeneratedSecret rootKey) {
    System.out.println();
    System.out.println("Keyledger is ready at " + address);
    String credential = "$KEYLEDGER_ROOT_KEY";
    if (rootKey != null) {
      credential = "$(cat " + rootKey.file() + ")";
      if (rootKey.isNew() && isTerminal()) {
        System.out.println("Root key, shown this once: " + rootKey.revealSecret());
      }
      System.out.println("The root key is kept in " + rootKey.file());
    }
    System.out.println("Issue a first key:");
    System.out.printf(
        """
          curl -s %s/v1/keys -H "Authorization: Bearer %s" \\
            -H "Content-Type: application/json" \\
            -d '{"name":"Billing","owner":{"type":"app","id":"billing"},"permissions":["read:users"]}'
        """,
        address, credential);
  }
}
