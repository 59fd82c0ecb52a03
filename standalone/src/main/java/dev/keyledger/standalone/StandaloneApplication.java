package dev.keyledger.standalone;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.command.CommandConfiguration;
import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.node.DatabaseProperties;
import dev.keyledger.node.NodeConfiguration;
import dev.keyledger.query.QueryConfiguration;
import dev.keyledger.query.RebuildCommand;
import dev.keyledger.standalone.check.CheckCommand;
import dev.keyledger.standalone.datadirectory.DataDirectory;
import dev.keyledger.standalone.datadirectory.GeneratedSecret;
import dev.keyledger.standalone.datadirectory.GeneratedSecrets;
import dev.keyledger.standalone.postgres.EmbeddedDatabase;
import java.io.IOException;
import java.nio.file.Path;
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

/** Both sides in one process, on an embedded PostgreSQL unless the user names their own. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({NodeConfiguration.class, CommandConfiguration.class, QueryConfiguration.class})
public class StandaloneApplication {
  private static final String NEW_INCARNATION = "new-incarnation";

  /** The settings of this process, before Spring runs. */
  private static final Binder SETTINGS = Binder.get(new StandardEnvironment());

  /** Starts it, or carries out the command that the arguments spell; returns when that is done. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    var running = new Running();
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(running::stop));
    if (RebuildCommand.isAskedFor(arguments)) {
      RebuildCommand rebuild = RebuildCommand.parse(arguments);
      rebuild.run(running.openDatabase(), StandaloneApplication::sayProgress);
    } else if (CheckCommand.isAskedFor(arguments)) {
      System.exit(check(running, arguments));
    } else if (List.of(arguments).equals(List.of(NEW_INCARNATION))) {
      beginIncarnation(running.openDatabase());
    } else if (arguments.length > 0 && !arguments[0].startsWith("--")) {
      throw new StartupRefusedException(
          "There is no such command; there are: rebuild, check, " + NEW_INCARNATION);
    } else {
      running.start(arguments);
    }
  }

  private static int check(Running running, String[] arguments)
      throws IOException, InterruptedException {
    try {
      CheckCommand check = CheckCommand.parse(arguments);
      DatabaseSettings settings = running.findDatabase();
      return check.run(
          settings.jdbcUrl(),
          settings.username(),
          settings.password(),
          StandaloneApplication::sayProgress,
          System.err::println);
    } catch (StartupRefusedException e) {
      System.err.println(e.getMessage());
      return CheckCommand.NOT_CHECKED;
    }
  }

  /** What is done once after a restore, before any node runs: positions of before mean nothing. */
  private static void beginIncarnation(DatabaseSettings settings) {
    try (LedgerDatabase database = LedgerDatabase.open(settings)) {
      sayProgress("The log goes on in incarnation " + database.newIncarnation());
    }
  }

  /** What has to end when the process does, the last started first. */
  private static final class Running {
    @GuardedBy("this")
    private @Nullable EmbeddedDatabase database;

    @GuardedBy("this")
    private @Nullable ConfigurableApplicationContext context;

    /** The database alone. It is used without the monitor: an early end breaks that use off. */
    synchronized DatabaseSettings openDatabase() throws IOException, InterruptedException {
      DataDirectory dataDirectory = openDataDirectory();
      if (isSet("keyledger.database.url")) {
        return DatabaseProperties.primaryOfProcess();
      }
      database = EmbeddedDatabase.start(dataDirectory, StandaloneApplication::sayProgress);
      return new DatabaseSettings(database.jdbcUrl(), database.username(), database.password());
    }

    /** The same, or that of a Keyledger that runs on the data directory. */
    DatabaseSettings findDatabase() throws IOException, InterruptedException {
      Optional<DatabaseSettings> theirs =
          isSet("keyledger.database.url")
              ? Optional.empty()
              : EmbeddedDatabase.ofAnotherProcess(dataDirectory());
      return theirs.isPresent() ? theirs.get() : openDatabase();
    }

    /** Holds the monitor throughout, so that an early end waits for what it then has to close. */
    synchronized void start(String[] arguments) throws IOException, InterruptedException {
      DataDirectory dataDirectory = openDataDirectory();
      var settings = new HashMap<String, Object>();
      GeneratedSecret rootKey = generateSecrets(new GeneratedSecrets(dataDirectory), settings);
      if (!isSet("keyledger.database.url")) {
        database = EmbeddedDatabase.start(dataDirectory, StandaloneApplication::sayProgress);
        settings.put("keyledger.database.url", database.jdbcUrl());
        settings.put("keyledger.database.username", database.username());
        settings.put("keyledger.database.password", database.password());
      }
      sayProgress("Starting Keyledger");
      var application = new SpringApplication(StandaloneApplication.class);
      application.setRegisterShutdownHook(false); // the database must outlive the context
      application.setDefaultProperties(settings);
      context = application.run(arguments);
      sayReady(address(context), rootKey);
    }

    synchronized void stop() {
      if (context != null) {
        context.close();
      }
      if (database != null) {
        database.close();
      }
    }
  }

  private static DataDirectory openDataDirectory() throws IOException {
    return DataDirectory.open(dataDirectory());
  }

  private static Path dataDirectory() {
    return Path.of(SETTINGS.bind("keyledger.data-dir", String.class).orElse("data"));
  }

  private static @Nullable GeneratedSecret generateSecrets(
      GeneratedSecrets secrets, Map<String, Object> settings) throws IOException {
    if (!isSet("keyledger.peppers") && !isSet("keyledger.peppers-file")) {
      settings.put("keyledger.peppers", secrets.peppers().revealSecret());
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

  private static void sayProgress(String line) {
    System.out.println(line);
  }

  private static void sayReady(String address, @Nullable GeneratedSecret rootKey) {
    System.out.println();
    System.out.println("Keyledger is ready at " + address);
    String credential = "$KEYLEDGER_ROOT_KEY";
    if (rootKey != null) {
      credential = "$(cat " + rootKey.file() + ")";
      if (rootKey.justMade()) {
        System.out.println("Root key, shown this once: " + rootKey.revealSecret());
        System.out.println("It is kept in " + rootKey.file());
      }
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
