package dev.keyledger.node;

import dev.keyledger.launch.StartupRefusedException;
import dev.keyledger.log.DatabaseSettings;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.StandardEnvironment;

/**
 * The settings of the PostgreSQL that holds the log. Its text form shows no password.
 *
 * @param database the primary
 * @param migration the role that owns the schemas and migrates them, if it is another one
 * @param logReplicaUrl streaming replica from which the log is read; empty: the log is read from
 *     the primary. Its role and password are those of the primary
 */
@ConfigurationProperties(DatabaseProperties.PREFIX)
public record DatabaseProperties(
    @DefaultValue Database database,
    @DefaultValue Migration migration,
    @DefaultValue("") String logReplicaUrl) {
  static final String PREFIX = "keyledger";

  /**
   * @throws IllegalArgumentException if a URL is missing or invalid
   */
  public DatabaseProperties {
    replica(logReplicaUrl, database.settings());
    var _ = migration.login();
  }

  /**
   * The connection to the primary. Its text form shows none of it.
   *
   * @param url {@code jdbc:postgresql://...} or {@code postgres://...}
   * @param username role; empty: the one in the URL
   * @param password password of the role; empty: the one in the URL, if any
   */
  public record Database(
      @DefaultValue("") String url,
      @DefaultValue("") String username,
      @DefaultValue("") String password) {
    private DatabaseSettings settings() {
      if (url.isEmpty()) {
        throw new IllegalArgumentException(
            "KEYLEDGER_DATABASE_URL must name the PostgreSQL to use.");
      }
      return Variable.parse(
          "KEYLEDGER_DATABASE_URL", () -> DatabaseSettings.parse(url, username, password));
    }

    @Override
    public String toString() {
      return "Database[redacted]";
    }
  }

  /**
   * A role that owns the schemas. Its text form shows none of it.
   *
   * @param username role; empty: the role of the primary migrates
   * @param password password of the role
   */
  public record Migration(@DefaultValue("") String username, @DefaultValue("") String password) {
    private DatabaseSettings.@Nullable Login login() {
      if (username.isEmpty() && !password.isEmpty()) {
        throw new IllegalArgumentException(
            "KEYLEDGER_MIGRATION_USERNAME must name the role of KEYLEDGER_MIGRATION_PASSWORD.");
      }
      return username.isEmpty() ? null : new DatabaseSettings.Login(username, password);
    }

    @Override
    public String toString() {
      return "Migration[redacted]";
    }
  }

  private static @Nullable DatabaseSettings replica(String url, DatabaseSettings primary) {
    return url.isBlank()
        ? null
        : Variable.parse(
            "KEYLEDGER_LOG_REPLICA_URL",
            () -> DatabaseSettings.parse(url, primary.username(), primary.password()));
  }

  /** Returns the settings of the primary. */
  public DatabaseSettings primary() {
    DatabaseSettings settings = database.settings();
    DatabaseSettings.Login owner = migration.login();
    boolean same = owner != null && owner.username().equals(settings.username());
    return same ? settings : settings.ownedBy(owner);
  }

  /** Returns the settings of the replica; null if there is none. */
  @Nullable DatabaseSettings replica() {
    return replica(logReplicaUrl, primary());
  }

  /**
   * Returns the settings of the primary from the environment of this process, for commands that run
   * outside a Spring context.
   *
   * @throws StartupRefusedException if the environment has none, or they are malformed
   */
  public static DatabaseSettings primaryOfProcess() {
    try {
      return Binder.get(new StandardEnvironment())
          .bindOrCreate(PREFIX, DatabaseProperties.class)
          .primary();
    } catch (BindException invalid) {
      throw new StartupRefusedException(FailedStartAnalyzer.describe(invalid), invalid);
    }
  }

  @Override
  public String toString() {
    return "DatabaseProperties[" + primary() + "]";
  }
}
