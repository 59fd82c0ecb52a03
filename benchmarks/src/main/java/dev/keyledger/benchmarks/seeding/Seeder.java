package dev.keyledger.benchmarks.seeding;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.EventType;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Owner;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.node.DatabaseProperties;
import dev.keyledger.verification.secret.Peppers;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Fills an empty log with {@link SeededKeys}: events, side rows and head, byte for byte as appends
 * would have written them, in one transaction. The indexes of the side rows, whose entries come in
 * random order, are rebuilt at the end.
 */
public final class Seeder {
  private static final int CHUNK_KEYS = 10_000;
  private static final int CHUNKS_AHEAD = 4;
  private static final int SALT_BYTES = 32;

  private static final String EVENTS =
      "log.event (position, stream_kind, stream_id, sequence, workspace, type, version, time,"
          + " actor_type, actor_id, request_id, payload, context, context_salt, context_hash)";
  private static final int EVENT_COLUMNS = 15;
  private static final String SECRETS = "log.key_secret (digest, key_id, generation, workspace)";
  private static final int SECRET_COLUMNS = 4;
  private static final String OWNERS = "log.key_owner (workspace, owner_type, owner_id, key_id)";
  private static final int OWNER_COLUMNS = 4;

  private final DatabaseSettings settings;
  private final Peppers peppers;
  private final InstantSource clock;
  private final EventCodec codec = new EventCodec();

  /**
   * @param peppers the peppers of the nodes that will use the log
   * @param clock gives the time at which the last key is issued
   */
  public Seeder(DatabaseSettings settings, Peppers peppers, InstantSource clock) {
    this.settings = settings;
    this.peppers = peppers;
    this.clock = clock;
  }

  /**
   * Seeds the log in {@code KEYLEDGER_DATABASE_URL}, for nodes with {@code KEYLEDGER_PEPPERS}.
   *
   * @param arguments the number of keys
   */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length != 1) {
      System.err.println("usage: Seeder <keys>");
      System.exit(2);
    }
    long start = System.nanoTime();
    long keys = Long.parseLong(arguments[0].replace("_", ""));
    new Seeder(
            DatabaseProperties.primaryOfProcess(),
            Peppers.parse(System.getenv("KEYLEDGER_PEPPERS")),
            InstantSource.system())
        .seed(keys, System.out::println);
    double seconds = (System.nanoTime() - start) / 1e9;
    long events = SeededKeys.eventsBefore(keys);
    System.out.printf(
        "%,d keys, %,d events in %.1f s: %,.0f events/s%n",
        keys, events, seconds, events / seconds);
  }

  /**
   * Writes a number of keys.
   *
   * @param report receives a line about the progress from time to time
   * @throws IllegalStateException if the log is not empty
   */
  public void seed(long keys, Consumer<String> report) throws SQLException, InterruptedException {
    try (ExecutorService encoders =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      seed(new Chunks(keys, encoders), SeededKeys.eventsBefore(keys), report);
    }
  }

  /**
   * Writes the events of a company.
   *
   * @throws IllegalStateException if the log is not empty
   */
  public void seed(SeededCompany company) throws SQLException, InterruptedException {
    List<LoggedEvent> events = company.events();
    Queue<Chunk> all = new ArrayDeque<>(List.of(encode(events.stream(), 0, 0)));
    seed(all::poll, events.size(), _ -> {});
  }

  private void seed(ChunkSource chunks, long events, Consumer<String> report)
      throws SQLException, InterruptedException {
    try (LedgerDatabase database = LedgerDatabase.open(settings);
        Connection connection = database.openDedicated()) {
      connection.setNetworkTimeout(Runnable::run, 0);
      connection.setAutoCommit(false);
      execute(connection, "SET statement_timeout = 0");
      execute(connection, "SET idle_in_transaction_session_timeout = 0");
      execute(connection, "SET maintenance_work_mem = '256MB'");
      requireEmpty(connection);
      List<String> constraints = dropConstraintsOfSideRows(connection);
      copy(connection, chunks, report);
      report.accept("making the indexes");
      for (String constraint : constraints) {
        execute(connection, constraint);
      }
      moveHead(connection, events);
      connection.commit();
      connection.setAutoCommit(true);
      execute(connection, "ANALYZE log.event, log.key_secret, log.key_owner");
    }
  }

  /** Requires an empty log. Also locks the head, so that nothing is appended during the seeding. */
  private static void requireEmpty(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet head = statement.executeQuery("SELECT position FROM log.log_head FOR UPDATE")) {
      head.next();
      if (head.getLong(1) != 0) {
        throw new IllegalStateException("the log is not empty: only an empty one can be seeded");
      }
    }
  }

  /** Returns the statements that recreate them. */
  private static List<String> dropConstraintsOfSideRows(Connection connection) throws SQLException {
    var drop = new ArrayList<String>();
    var add = new ArrayList<String>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT conrelid::regclass, quote_ident(conname), pg_get_constraintdef(oid)
                FROM pg_constraint
                WHERE conrelid IN ('log.key_secret'::regclass, 'log.key_owner'::regclass)
                  AND contype IN ('p', 'u')
                """)) {
      while (row.next()) {
        String alter = "ALTER TABLE " + row.getString(1);
        drop.add(alter + " DROP CONSTRAINT " + row.getString(2));
        add.add(alter + " ADD CONSTRAINT " + row.getString(2) + " " + row.getString(3));
      }
    }
    for (String statement : drop) {
      execute(connection, statement);
    }
    return add;
  }

  private void copy(Connection connection, ChunkSource chunks, Consumer<String> report)
      throws SQLException, InterruptedException {
    for (Chunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
      copy(connection, EVENTS, chunk.events());
      copy(connection, SECRETS, chunk.secrets());
      copy(connection, OWNERS, chunk.owners());
      if (chunk.endKey() % (100 * CHUNK_KEYS) == 0) {
        report.accept("%,d keys".formatted(chunk.endKey()));
      }
    }
  }

  private static void copy(Connection connection, String table, CopyRows rows) throws SQLException {
    byte[] bytes = rows.toBytes();
    CopyIn copy =
        connection
            .unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn("COPY " + table + " FROM STDIN (FORMAT binary)");
    try {
      copy.writeToCopy(bytes, 0, bytes.length);
      copy.endCopy();
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }

  private static void moveHead(Connection connection, long position) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("UPDATE log.log_head SET position = ?")) {
      statement.setLong(1, position);
      statement.executeUpdate();
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The rows of adjacent keys. */
  private record Chunk(long endKey, CopyRows events, CopyRows secrets, CopyRows owners) {}

  /** A source of chunks in sequence. */
  private interface ChunkSource {
    /** Returns the next chunk; null at the end. */
    @Nullable Chunk next() throws InterruptedException;
  }

  /** Encodes a few chunks in advance of the one being written. */
  private final class Chunks implements ChunkSource {
    private final long keys;
    private final ExecutorService encoders;
    private final Instant end = clock.instant();
    private final Queue<Future<Chunk>> ahead = new ArrayDeque<>();
    private long submitted;

    Chunks(long keys, ExecutorService encoders) {
      this.keys = keys;
      this.encoders = encoders;
    }

    @Override
    public @Nullable Chunk next() throws InterruptedException {
      while (submitted < keys && ahead.size() < CHUNKS_AHEAD) {
        long from = submitted;
        long to = Math.min(keys, from + CHUNK_KEYS);
        ahead.add(encoders.submit(() -> encode(new SeededKeys(peppers, keys, end), from, to)));
        submitted = to;
      }
      Future<Chunk> next = ahead.poll();
      try {
        return next == null ? null : next.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("cannot encode keys", e.getCause());
      }
    }
  }

  private Chunk encode(SeededKeys keys, long from, long to) {
    Stream<LoggedEvent> events =
        LongStream.range(from, to).boxed().flatMap(number -> keys.eventsOf(number).stream());
    return encode(events, from, to);
  }

  /**
   * @param seed of the salts
   */
  private Chunk encode(Stream<LoggedEvent> logged, long seed, long endKey) {
    var events = new CopyRows();
    var secrets = new CopyRows();
    var owners = new LinkedHashMap<String, NamedOwner>();
    var salts = new SplittableRandom(seed);
    logged.forEachOrdered(event -> {
      addEvent(events, event, salts);
      if (event.event() instanceof KeyEvent.IntroducesSecret added) {
        addSecret(secrets, event, added.secret(), added.generation());
      }
      if (event.event() instanceof KeyEvent.NamesOwner added) {
        owners.put(event.stream().id(), new NamedOwner(event.workspace(), added.owner()));
      }
      if (event.event() instanceof KeyRevoked) {
        owners.remove(event.stream().id());
      }
    });
    return new Chunk(endKey, events, secrets, rowsOf(owners));
  }

  private void addEvent(CopyRows rows, LoggedEvent event, SplittableRandom salts) {
    EventType type = EventType.of(event.event());
    byte[] context = codec.encodeContext(requireNonNull(event.context()));
    byte[] salt = new byte[SALT_BYTES];
    salts.nextBytes(salt);
    rows.row(EVENT_COLUMNS)
        .int8(event.position())
        .text(event.stream().kind().toString())
        .text(event.stream().id())
        .int8(event.sequence())
        .text(event.workspace())
        .text(type.wireName())
        .int4(type.version())
        .time(event.time())
        .text(event.actor().type().toString())
        .text(event.actor().id())
        .text(event.requestId())
        .bytes(codec.encode(event.event()))
        .bytes(context)
        .bytes(salt)
        .bytes(sha256(salt, context));
  }

  private static void addSecret(
      CopyRows rows, LoggedEvent event, StoredSecret secret, int generation) {
    rows.row(SECRET_COLUMNS)
        .bytes(secret.digest().toBytes())
        .text(event.stream().id())
        .int4(generation)
        .text(event.workspace());
  }

  private record NamedOwner(String workspace, Owner owner) {}

  private static CopyRows rowsOf(Map<String, NamedOwner> owners) {
    var rows = new CopyRows();
    owners.forEach((keyId, named) ->
        rows.row(OWNER_COLUMNS)
            .text(named.workspace())
            .text(named.owner().type().toString())
            .text(named.owner().id())
            .text(keyId));
    return rows;
  }

  private static byte[] sha256(byte[] salt, byte[] context) {
    try {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      hash.update(salt);
      return hash.digest(context);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
