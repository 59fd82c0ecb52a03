package dev.keyledger.log;

import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.DriverDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;

/**
 * The PostgreSQL database that holds the log. Opening it creates and updates the tables.
 *
 * <p>Thread-safe.
 */
public final class LedgerDatabase implements AutoCloseable {
  /** The oldest supported version of PostgreSQL. */
  public static final int OLDEST_VERSION = 15;

  private static final String MIGRATIONS = "dev/keyledger/log/migration";

  /** The maximum number of connections of {@link #dataSource}. */
  static final int POOL_CONNECTIONS_MAX = 10;

  /** The number of connections of a pool that stay open without use. */
  private static final int IDLE_CONNECTIONS = 1;

  private static final Duration POOL_WAIT_MAX = Duration.ofSeconds(3);

  /**
   * The lock that lets one node at a time change grants, because PostgreSQL rejects concurrent
   * changes.
   */
  private static final long GRANTS_LOCK = 0x6b65796c65646772L + 1;

  private final DatabaseSettings settings;
  private final @Nullable DatabaseSettings replica;
  private final HikariDataSource pool;
  private final Queue<HikariDataSource> morePools = new ConcurrentLinkedQueue<>();
  private final UUID storeId;
  private final int incarnation;

  private LedgerDatabase(
      DatabaseSettings settings,
      @Nullable DatabaseSettings replica,
      HikariDataSource pool,
      UUID storeId,
      int incarnation) {
    this.settings = settings;
    this.replica = replica;
    this.pool = pool;
    this.storeId = storeId;
    this.incarnation = incarnation;
  }

  /**
   * Opens the database and migrates the tables of schema {@code log}, as their owner. Several nodes
   * may do so concurrently.
   *
   * @throws UnsupportedPostgresException if the version of PostgreSQL is too old
   * @throws StoreUnavailableException if it cannot be reached or rejects the login
   */
  public static LedgerDatabase open(DatabaseSettings settings) {
    return open(settings, null);
  }

  /**
   * Opens the database with a streaming replica, from which {@link LogTail} reads the events.
   * Everything else uses the primary. The replica may be unavailable.
   *
   * @param replica null if there is none
   */
  public static LedgerDatabase open(DatabaseSettings settings, @Nullable DatabaseSettings replica) {
    try (Connection connection = Timeouts.MIGRATION.source(settings, "start").getConnection()) {
      requireKnownVersion(connection.getMetaData().getDatabaseMajorVersion());
      migrate(settings, "log", MIGRATIONS);
      try (Statement statement = connection.createStatement();
          ResultSet head =
              statement.executeQuery("SELECT store_id, incarnation FROM log.log_head")) {
        head.next();
        return new LedgerDatabase(
            settings,
            replica,
            pool(settings, Timeouts.PROMPT, "pool", POOL_CONNECTIONS_MAX),
            head.getObject(1, UUID.class),
            head.getInt(2));
      }
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot open " + settings + ": " + e.getMessage(), e);
    }
  }

  static void requireKnownVersion(int version) {
    if (version < OLDEST_VERSION) {
      throw new UnsupportedPostgresException(version);
    }
  }

  /** Migrates a schema. A role without rights to migrate may open tables that are up to date. */
  private static void migrate(DatabaseSettings settings, String schema, String location)
      throws SQLException {
    DataSource source = Timeouts.MIGRATION.source(settings.asOwner(), "migration");
    Flyway flyway =
        Flyway.configure()
            .dataSource(source)
            .schemas(schema)
            .table("schema_history")
            .locations("classpath:" + location)
            .baselineOnMigrate(false)
            .load();
    if (flyway.info().pending().length > 0) {
      flyway.migrate();
    } else {
      flyway.validate();
    }
    if (settings.owner() != null) {
      try (Connection connection = source.getConnection()) {
        connection.setAutoCommit(false);
        grant(connection, settings.username(), schema, location);
        connection.commit();
      }
    }
  }

  private static void grant(Connection connection, String role, String schema, String location)
      throws SQLException {
    String name = '"' + role.replace("\"", "\"\"") + '"';
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_xact_lock(" + GRANTS_LOCK + ")");
      statement.execute("REVOKE ALL ON ALL TABLES IN SCHEMA " + schema + " FROM " + name);
      statement.execute(grantsIn(location).replace("${role}", name));
    }
  }

  private static String grantsIn(String location) {
    String file = location + "/grants.sql";
    try (InputStream grants = LedgerDatabase.class.getClassLoader().getResourceAsStream(file)) {
      return new String(requireNonNull(grants, file).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static HikariDataSource pool(
      DatabaseSettings settings, Timeouts timeOuts, String name, int connectionsMax) {
    var config = new HikariConfig();
    config.setPoolName(ConnectionPool.PREFIX + name);
    config.setDataSource(timeOuts.source(settings, name));
    config.setMaximumPoolSize(connectionsMax);
    config.setMinimumIdle(IDLE_CONNECTIONS);
    config.setConnectionTimeout(POOL_WAIT_MAX.toMillis());
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  /**
   * Migrates the tables of another schema, as their owner. Several nodes may do so concurrently.
   *
   * @param location the directory of its migrations and of {@code grants.sql}, on the class path
   * @throws StoreUnavailableException if the database cannot be reached or rejects the login
   */
  public void migrate(String schema, String location) {
    try {
      migrate(settings, schema, location);
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot migrate " + settings + ": " + e.getMessage(), e);
    }
  }

  /**
   * Opens a connection as the owner of the tables, in autocommit mode. The caller closes it.
   *
   * @param purpose the purpose, as PostgreSQL shows it
   */
  public Connection openAsOwner(String purpose) throws SQLException {
    return Timeouts.MIGRATION.source(settings.asOwner(), purpose).getConnection();
  }

  /**
   * Renews the grants of the nodes' role, within the owner's transaction, after tables were
   * replaced. No effect if that role is the owner.
   *
   * @param location as for {@link #migrate(String, String)}
   */
  public void grantAgain(Connection owner, String schema, String location) throws SQLException {
    if (settings.owner() != null) {
      grant(owner, settings.username(), schema, location);
    }
  }

  /** Returns pooled connections for reading and for projections, never for appending. */
  public DataSource dataSource() {
    return pool;
  }

  /**
   * Opens another pool. Waiting for its connections does not block users of {@link #dataSource}. It
   * is closed with this database.
   *
   * @param name the purpose, as PostgreSQL shows it
   * @param connectionsMax the largest number of connections
   */
  public DataSource openPool(String name, int connectionsMax) {
    HikariDataSource opened = pool(settings, Timeouts.PATIENT, name, connectionsMax);
    morePools.add(opened);
    return opened;
  }

  /** Returns the open pools: that of {@link #dataSource}, and the added ones. */
  public List<ConnectionPool> pools() {
    return Stream.concat(Stream.of(pool), morePools.stream()).map(ConnectionPool::new).toList();
  }

  /**
   * Opens a connection outside the pool, in autocommit mode, with timeouts against a frozen client
   * and a silent network. The caller closes it.
   */
  public Connection openDedicated() throws SQLException {
    return openDedicated("dedicated");
  }

  /**
   * Opens a connection as {@link #openDedicated()} does.
   *
   * @param purpose the purpose, as PostgreSQL shows it
   */
  public Connection openDedicated(String purpose) throws SQLException {
    return Timeouts.PROMPT.source(settings, purpose).getConnection();
  }

  /**
   * Opens a dedicated connection to the replica, or to the primary if there is none, that receives
   * frequent notifications promptly.
   */
  Connection openListening(String purpose) throws SQLException {
    return openListening(replica == null ? settings : replica, purpose);
  }

  /** Opens a dedicated connection to the primary that receives frequent notifications promptly. */
  public Connection openListeningToPrimary(String purpose) throws SQLException {
    return openListening(settings, purpose);
  }

  private static Connection openListening(DatabaseSettings where, String purpose)
      throws SQLException {
    Properties properties = Timeouts.PROMPT.properties(purpose);
    PGProperty.SOCKET_FACTORY.set(properties, PromptSockets.class.getName());
    return source(where, properties).getConnection();
  }

  /** Returns whether the log's events are read from a replica. */
  boolean hasReplica() {
    return replica != null;
  }

  /**
   * @throws IllegalStateException if this is not the log that was opened
   */
  void requireSameLog(UUID store, int number) {
    if (!store.equals(storeId) || number != incarnation) {
      throw new IllegalStateException(
          "the log was replaced, or began a new incarnation, while this node ran: restart it");
    }
  }

  /** Returns the identity of the log. */
  public UUID storeId() {
    return storeId;
  }

  /** Returns the incarnation that the log had when this was opened. */
  public int incarnation() {
    return incarnation;
  }

  /**
   * Returns whether a pepper is the one of the store's digests. The first pepper presented for a
   * version is registered; of several concurrent ones, one wins.
   *
   * @param fingerprint 32 bytes that are derived from the pepper and reveal nothing about it
   * @throws StoreUnavailableException if the database cannot be reached
   */
  public boolean isPepperOfStore(int version, byte[] fingerprint) {
    try (Connection connection = openDedicated()) {
      try (PreparedStatement first =
          connection.prepareStatement(
              "INSERT INTO log.pepper (version, fingerprint) VALUES (?, ?) ON CONFLICT DO NOTHING")) {
        first.setInt(1, version);
        first.setBytes(2, fingerprint);
        first.executeUpdate();
      }
      try (PreparedStatement kept =
          connection.prepareStatement("SELECT fingerprint FROM log.pepper WHERE version = ?")) {
        kept.setInt(1, version);
        try (ResultSet row = kept.executeQuery()) {
          return row.next() && MessageDigest.isEqual(row.getBytes(1), fingerprint);
        }
      }
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot compare the peppers: " + e.getMessage(), e);
    }
  }

  /**
   * Declares that the log continues from a backup or a lagging replica. Earlier tokens are rejected
   * from now on, and nodes that still run on the former incarnation stop.
   *
   * @return the new incarnation; this object keeps the former one
   * @throws StoreUnavailableException if the database cannot be reached
   */
  public int newIncarnation() {
    try (Connection connection = openDedicated();
        PreparedStatement statement =
            connection.prepareStatement(
                "UPDATE log.log_head SET incarnation = incarnation + 1 RETURNING incarnation");
        ResultSet head = statement.executeQuery()) {
      head.next();
      return head.getInt(1);
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot begin an incarnation: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    pool.close();
    morePools.forEach(HikariDataSource::close);
  }

  /**
   * Returns a source of connections with these properties of the driver. Their URL is the
   * configured one. The driver's own data source writes 1,600 characters of properties into it, and
   * Flyway's search for secrets in such a URL took a tenth of a node's start.
   */
  private static DataSource source(DatabaseSettings settings, Properties properties) {
    return new DriverDataSource(
        settings.jdbcUrl(), null, properties, settings.username(), settings.password());
  }

  /** The timeouts of each kind of connection. PostgreSQL times out before the socket does. */
  private enum Timeouts {
    /** Generous, because many nodes may start at once on a busy machine. */
    MIGRATION(30, 0, 0, 0),
    /**
     * The timeouts of commands and the node's own threads, whose callers must get an answer soon.
     */
    PROMPT(3, 5, 4, 8),
    /** The timeouts of queries and projections, whose statements may read much. */
    PATIENT(3, 30, 10, 40);

    private static final int IDLE_IN_TRANSACTION_SECONDS = 5;

    private final int connectSeconds;
    private final int statementSeconds;
    private final int lockSeconds;
    private final int socketSeconds;

    Timeouts(int connectSeconds, int statementSeconds, int lockSeconds, int socketSeconds) {
      this.connectSeconds = connectSeconds;
      this.statementSeconds = statementSeconds;
      this.lockSeconds = lockSeconds;
      this.socketSeconds = socketSeconds;
    }

    DataSource source(DatabaseSettings settings, String purpose) {
      return LedgerDatabase.source(settings, properties(purpose));
    }

    /**
     * Returns the properties of a connection. PostgreSQL compiles (JIT) plans that look expensive,
     * as one with a forbidden step does before version 18, and then takes 200 ms for each append.
     */
    Properties properties(String purpose) {
      var properties = new Properties();
      PGProperty.APPLICATION_NAME.set(properties, "keyledger " + purpose);
      PGProperty.TCP_KEEP_ALIVE.set(properties, true);
      PGProperty.CONNECT_TIMEOUT.set(properties, connectSeconds);
      PGProperty.LOGIN_TIMEOUT.set(properties, connectSeconds);
      PGProperty.SOCKET_TIMEOUT.set(properties, socketSeconds);
      PGProperty.OPTIONS.set(
          properties,
          "-c statement_timeout=%ds -c lock_timeout=%ds -c idle_in_transaction_session_timeout=%ds -c jit=off"
              .formatted(statementSeconds, lockSeconds, IDLE_IN_TRANSACTION_SECONDS));
      return properties;
    }
  }
}
