package dev.keyledger.log;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * The PostgreSQL that holds the log: its tables are there and up to date once this is open.
 *
 * <p>Safe for use by many threads.
 */
public final class LedgerDatabase implements AutoCloseable {
  /** The oldest PostgreSQL that is known to work. */
  public static final int OLDEST_VERSION = 15;

  private static final String MIGRATIONS = "classpath:dev/keyledger/log/migration";
  private static final int POOL_CONNECTIONS_MAX = 10;
  private static final Duration POOL_WAIT_MAX = Duration.ofSeconds(3);

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
   * Opens the database and brings the tables of schema {@code log} up to date; several nodes may do
   * so at once.
   *
   * @throws IllegalStateException if the PostgreSQL is too old
   * @throws StoreUnavailableException if it cannot be reached or does not let us in
   */
  public static LedgerDatabase open(DatabaseSettings settings) {
    return open(settings, null);
  }

  /**
   * The same with a streaming replica of it, from which {@link LogTail} reads the events. All else
   * goes to the primary. The replica may be away.
   *
   * @param replica null if there is none
   */
  public static LedgerDatabase open(DatabaseSettings settings, @Nullable DatabaseSettings replica) {
    try (Connection connection = TimeOuts.MIGRATION.source(settings, "start").getConnection()) {
      requireKnownVersion(connection.getMetaData().getDatabaseMajorVersion());
      migrate(settings, "log", MIGRATIONS);
      try (Statement statement = connection.createStatement();
          ResultSet head =
              statement.executeQuery("SELECT store_id, incarnation FROM log.log_head")) {
        head.next();
        return new LedgerDatabase(
            settings,
            replica,
            pool(settings, TimeOuts.POOL, "pool", POOL_CONNECTIONS_MAX),
            head.getObject(1, UUID.class),
            head.getInt(2));
      }
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot open " + settings + ": " + e.getMessage(), e);
    }
  }

  static void requireKnownVersion(int version) {
    if (version < OLDEST_VERSION) {
      throw new IllegalStateException(
          "Keyledger needs PostgreSQL %d or newer, this is %d".formatted(OLDEST_VERSION, version));
    }
  }

  private static void migrate(DatabaseSettings settings, String schema, String location) {
    Flyway.configure()
        .dataSource(TimeOuts.MIGRATION.source(settings, "migration"))
        .schemas(schema)
        .table("schema_history")
        .locations(location)
        .baselineOnMigrate(false)
        .load()
        .migrate();
  }

  private static HikariDataSource pool(
      DatabaseSettings settings, TimeOuts timeOuts, String name, int connectionsMax) {
    var config = new HikariConfig();
    config.setPoolName("keyledger " + name);
    config.setDataSource(timeOuts.source(settings, name));
    config.setMaximumPoolSize(connectionsMax);
    config.setConnectionTimeout(POOL_WAIT_MAX.toMillis());
    config.setInitializationFailTimeout(-1);
    return new HikariDataSource(config);
  }

  /**
   * Brings the tables of another schema up to date; several nodes may do so at once.
   *
   * @param location where its migrations are, as Flyway names it
   */
  public void migrate(String schema, String location) {
    migrate(settings, schema, location);
  }

  /** Pooled connections, for reading and for projections; never for appending. */
  public DataSource dataSource() {
    return pool;
  }

  /**
   * Pooled connections beside those of {@link #dataSource}, so that whoever waits for these keeps
   * nobody else waiting; closed with this database.
   *
   * @param name what they are for, as PostgreSQL shows it
   * @param connectionsMax how many there are at most
   */
  public DataSource openPool(String name, int connectionsMax) {
    HikariDataSource opened = pool(settings, TimeOuts.POOL, name, connectionsMax);
    morePools.add(opened);
    return opened;
  }

  /**
   * A new connection outside the pool, in autocommit, that neither a frozen client nor a silent
   * network can hold for long; the caller closes it.
   */
  public Connection openDedicated() throws SQLException {
    return openDedicated("dedicated");
  }

  /**
   * The same.
   *
   * @param purpose what it is for, as PostgreSQL shows it
   */
  public Connection openDedicated(String purpose) throws SQLException {
    return TimeOuts.DEDICATED.source(settings, purpose).getConnection();
  }

  /**
   * Like a dedicated one, to the replica if there is one, and fit to wait for notifications while
   * many come.
   */
  Connection openListening(String purpose) throws SQLException {
    return openListening(replica == null ? settings : replica, purpose);
  }

  /** Like a dedicated one, and fit to wait for notifications while many come. */
  public Connection openListeningToPrimary(String purpose) throws SQLException {
    return openListening(settings, purpose);
  }

  private static Connection openListening(DatabaseSettings where, String purpose)
      throws SQLException {
    PGSimpleDataSource source = TimeOuts.DEDICATED.source(where, purpose);
    source.setSocketFactory(PromptSockets.class.getName());
    return source.getConnection();
  }

  /** Whether the log's events are read from a replica. */
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

  /** Which log it is. */
  public UUID storeId() {
    return storeId;
  }

  /** The incarnation that the log had when this was opened. */
  public int incarnation() {
    return incarnation;
  }

  /**
   * Whether the pepper of that version is the one that the store's digests are made with: the first
   * that any node names is, and of several that do so at once one wins.
   *
   * @param fingerprint 32 bytes that follow from the pepper and tell nothing about it
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
      throw new StoreUnavailableException("the peppers cannot be compared: " + e.getMessage(), e);
    }
  }

  /**
   * Declares that the log goes on from a backup or a lagging replica: tokens of before are refused
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
      throw new StoreUnavailableException("no new incarnation: " + e.getMessage(), e);
    }
  }

  @Override
  public void close() {
    pool.close();
    morePools.forEach(HikariDataSource::close);
  }

  /** How long each kind of connection waits. PostgreSQL gives up before the socket does. */
  private enum TimeOuts {
    /** Many nodes may start at once, each on a machine that is busy with that. */
    MIGRATION(30, 0, 0, 0),
    POOL(3, 30, 10, 40),
    DEDICATED(3, 5, 4, 8);

    private static final int IDLE_IN_TRANSACTION_SECONDS = 5;

    private final int connectSeconds;
    private final int statementSeconds;
    private final int lockSeconds;
    private final int socketSeconds;

    TimeOuts(int connectSeconds, int statementSeconds, int lockSeconds, int socketSeconds) {
      this.connectSeconds = connectSeconds;
      this.statementSeconds = statementSeconds;
      this.lockSeconds = lockSeconds;
      this.socketSeconds = socketSeconds;
    }

    PGSimpleDataSource source(DatabaseSettings settings, String purpose) {
      var source = new PGSimpleDataSource();
      source.setUrl(settings.jdbcUrl());
      source.setUser(settings.username());
      source.setPassword(settings.password());
      source.setApplicationName("keyledger " + purpose);
      source.setTcpKeepAlive(true);
      source.setConnectTimeout(connectSeconds);
      source.setLoginTimeout(connectSeconds);
      source.setSocketTimeout(socketSeconds);
      source.setOptions(
          "-c statement_timeout=%ds -c lock_timeout=%ds -c idle_in_transaction_session_timeout=%ds"
              .formatted(statementSeconds, lockSeconds, IDLE_IN_TRANSACTION_SECONDS));
      return source;
    }
  }
}
