package dev.keyledger.verifylog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.LedgerDatabase;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Any change that the owner of the database makes to the rows of a log is found by verify-log with
 * an earlier checkpoint. The copy has neither triggers nor constraints.
 */
class TamperingTest {
  /** More than two tiles, and the last one partial. */
  private static final int SIZE = 600;

  private static final int CHECKPOINT = 550;
  private static final int PREVIOUS = 300;
  private static final int MUTATIONS = Integer.getInteger("keyledger.tampering.mutations", 500);
  private static final long SEED = Long.getLong("keyledger.tampering.seed", System.nanoTime());
  private static final TestLog LOG = TestLog.of(SIZE, 18);

  private static EmbeddedPostgres postgres;
  private static String url;
  private static Connection connection;

  @TempDir Path directory;
  private final List<String> out = new ArrayList<>();
  private Savepoint untouched;

  @BeforeAll
  static void fill() throws Exception {
    postgres = EmbeddedPostgres.start();
    url = "jdbc:postgresql://localhost:%d/postgres".formatted(postgres.getPort());
    LedgerDatabase.open(new DatabaseSettings(url, "postgres", "x")).close();
    connection = postgres.getPostgresDatabase().getConnection();
    execute(
        """
        ALTER TABLE log.event DISABLE TRIGGER USER;
        ALTER TABLE log.log_head DISABLE TRIGGER USER;
        DO $$ DECLARE r record; BEGIN
          FOR r IN SELECT conname, conrelid::regclass AS name FROM pg_constraint
            WHERE conrelid IN ('log.event'::regclass, 'log.log_head'::regclass, 'log.tree_tile'::regclass)
            ORDER BY contype = 'n'
          LOOP
            EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', r.name, r.conname);
          END LOOP;
        END $$;
        """);
    insertEvents();
    insertTree(LOG);
    execute(
        "UPDATE log.log_head SET store_id = '%s', position = %d, time = '%s'"
            .formatted(TestLog.STORE, SIZE, LOG.events.getLast().time()));
    connection.setAutoCommit(false);
  }

  @AfterAll
  static void stop() throws Exception {
    connection.close();
    postgres.close();
  }

  @BeforeEach
  void begin() throws SQLException {
    untouched = connection.setSavepoint();
  }

  @AfterEach
  void undo() throws SQLException {
    connection.rollback(untouched);
  }

  private static void insertEvents() throws SQLException {
    try (PreparedStatement row =
        connection.prepareStatement(
            "INSERT INTO log.event VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?)")) {
      for (TestLog.Event event : LOG.events) {
        row.setLong(1, event.position());
        row.setString(2, event.kind());
        row.setString(3, event.streamId());
        row.setLong(4, event.sequence());
        row.setString(5, event.workspace());
        row.setString(6, event.type());
        row.setTimestamp(7, Timestamp.from(event.time()));
        row.setString(8, event.actorType());
        row.setString(9, event.actorId());
        row.setString(10, event.requestId());
        row.setBytes(11, event.payload());
        row.setBytes(12, event.context());
        row.setBytes(13, event.salt());
        row.setBytes(14, event.contextHash());
        row.addBatch();
      }
      row.executeBatch();
    }
  }

  private static void insertTree(TestLog log) throws SQLException {
    execute("DELETE FROM log.tree_tile");
    try (PreparedStatement row =
        connection.prepareStatement("INSERT INTO log.tree_tile VALUES (?, ?, ?, ?)")) {
      for (TestLog.Tile tile : log.tiles(SIZE)) {
        row.setInt(1, tile.level());
        row.setLong(2, tile.index());
        row.setInt(3, tile.width());
        row.setBytes(4, tile.hashes());
        row.execute();
      }
    }
    try (PreparedStatement row =
        connection.prepareStatement(
            "UPDATE log.checkpoint SET size = ?, root = ?, note = ?, keys = ?")) {
      row.setLong(1, SIZE);
      row.setBytes(2, log.root(SIZE));
      row.setString(3, log.note(SIZE));
      row.setString(4, log.verifierKeys());
      row.execute();
    }
  }

  private static void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void anUntouchedLogIsProven() throws Exception {
    assertThat(check()).isZero();
    assertThat(out)
        .containsExactly(
            "proven: the events 1 to 550 are exactly those that the checkpoint of size 550 covers",
            "proven: the checkpoint of size 550 extends the previous one, of size 300",
            "not shown: events 551 to 600 are after the checkpoint: nothing is proven of them",
            "verify-log: proven");
  }

  @Test
  void theCommandReadsTheDatabaseThatItsUrlNames() throws Exception {
    Path checkpoint = Files.writeString(directory.resolve("c"), LOG.note(SIZE));
    Path key = Files.writeString(directory.resolve("k"), LOG.verifierKeys());
    String[] arguments = {
      "verify-log",
      "--checkpoint",
      checkpoint.toString(),
      "--key",
      key.toString(),
      "--database",
      url
    };
    var errors = new ArrayList<String>();

    assertThat(
            VerifyLog.run(
                Map.of("KEYLEDGER_DATABASE_USERNAME", "postgres"),
                out::add,
                errors::add,
                arguments))
        .isZero();
    assertThat(out).last().isEqualTo("verify-log: proven");

    arguments[6] += "?user=nobody";
    assertThat(
            VerifyLog.run(
                Map.of("KEYLEDGER_DATABASE_USERNAME", "postgres"),
                out::add,
                errors::add,
                arguments))
        .isEqualTo(2);
    assertThat(errors).singleElement().asString().startsWith("The database cannot be read: ");
  }

  @Test
  void anErasedContextIsLegal() throws Exception {
    execute(
        "UPDATE log.event SET context = NULL, context_salt = NULL WHERE position IN (3, 4, 400)");

    assertThat(check()).isZero();
    assertThat(out)
        .contains("not shown: the context (reason, ip, user agent) of 3 events: it is erased");
  }

  /** Where the stored tree still is the old one, verify-log names the events that were changed. */
  @Test
  void theChangedEventsAreNamed() throws Exception {
    execute("UPDATE log.event SET request_id = 'x' WHERE position IN (7, 256, 257, 549, 580)");

    assertThat(check()).isEqualTo(1);
    assertThat(out)
        .contains(
            "wrong: the event at position 7 is not the one that the checkpoint covers, nor are 4 after it");
  }

  @Test
  void anEventBehindTheCheckpointIsComparedWithTheStoredTree() throws Exception {
    execute("UPDATE log.event SET request_id = 'x' WHERE position = 580");

    assertThat(check()).isEqualTo(1);
    assertThat(out)
        .contains(
            "proven: the events 1 to 550 are exactly those that the checkpoint of size 550 covers",
            "wrong: the event at position 580 is not the one in the tree that the database stores");
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 301, 550})
  void aRewrittenTreeLeavesAnInterval(int position) throws Exception {
    rewrite(position);

    assertThat(check()).isEqualTo(1);
    assertThat(out)
        .contains(
            position <= PREVIOUS
                ? "wrong: among the events 1 to 300 at least one is not the one that the checkpoint of size 300 covers"
                : "wrong: among the events 301 to 550 at least one is not the one that the checkpoint of size 550 covers");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE log.tree_tile SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1) WHERE level = 0 AND index = 1",
        "UPDATE log.tree_tile SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1) WHERE level = 1",
        "UPDATE log.tree_tile SET hashes = substr(hashes, 1, 32), width = 1 WHERE level = 1",
        "UPDATE log.tree_tile SET hashes = substr(hashes, 1, 32), width = 1 WHERE level = 0 AND index = 2",
        "UPDATE log.tree_tile SET width = 255 WHERE level = 0 AND index = 0",
        "UPDATE log.tree_tile SET index = 72057594037927936 WHERE level = 0 AND index = 0",
        "DELETE FROM log.tree_tile WHERE level = 1",
        "DELETE FROM log.tree_tile WHERE level = 0 AND index = 0",
        "DELETE FROM log.tree_tile WHERE level = 0 AND index = 2",
        "DELETE FROM log.tree_tile",
        "INSERT INTO log.tree_tile SELECT 2, 0, 1, substr(hashes, 1, 32) FROM log.tree_tile WHERE level = 1",
        "INSERT INTO log.tree_tile SELECT -1, 0, width, hashes FROM log.tree_tile WHERE level = 1",
        "UPDATE log.checkpoint SET root = set_byte(root, 3, get_byte(root, 3) # 1)",
        "UPDATE log.checkpoint SET size = size + 1",
        "UPDATE log.checkpoint SET size = size - 1",
      })
  void aStoredTreeThatIsNotThatOfTheEventsIsFound(String change) throws Exception {
    execute(change);

    assertThat(check()).isEqualTo(1);
    assertThat(out)
        .contains(
            "proven: the events 1 to 550 are exactly those that the checkpoint of size 550 covers");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UPDATE log.log_head SET store_id = gen_random_uuid()",
        "UPDATE log.log_head SET incarnation = 2",
        "DELETE FROM log.log_head",
        "DROP SCHEMA log CASCADE",
      })
  void anotherLogCannotBeChecked(String change) throws Exception {
    execute(change);

    assertThat(check()).isEqualTo(2);
  }

  @Test
  void everyMutationIsFound() throws Exception {
    System.out.println("-Dkeyledger.tampering.seed=" + SEED);
    var random = new Random(SEED);
    for (int i = 0; i < MUTATIONS; i++) {
      Savepoint before = connection.setSavepoint();
      String mutation = mutate(random, i % (MUTATED.size() + STRUCTURAL));

      assertThat(check()).as("seed %d: %s%n%s", SEED, mutation, out).isEqualTo(1);
      connection.rollback(before);
      connection.releaseSavepoint(before);
    }
  }

  private static final List<String> MUTATED =
      List.of(
          "position = position + 1000",
          "position = -position",
          "position = 4611686018427387904",
          "position = NULL",
          "sequence = NULL",
          "version = NULL",
          "time = NULL",
          "payload = NULL",
          "context_hash = NULL",
          "stream_kind = CASE stream_kind WHEN 'key' THEN 'workspace' ELSE 'key' END",
          "stream_id = stream_id || 'x'",
          "stream_id = ''",
          "sequence = sequence + 1",
          "workspace = workspace || 'x'",
          "type = 'KeyExpired'",
          "version = version + 1",
          "time = time + interval '1 microsecond'",
          "time = 'infinity'",
          "actor_type = 'system'",
          "actor_id = CASE WHEN actor_id IS NULL THEN 'key_1' END",
          "actor_id = CASE WHEN actor_id IS NULL THEN '' ELSE actor_id || ' ' END",
          "request_id = upper(request_id)",
          "payload = set_byte(payload, %1$d %% length(payload), get_byte(payload, %1$d %% length(payload)) # 4)",
          "payload = payload || ' '",
          "context = set_byte(context, %1$d %% length(context), get_byte(context, %1$d %% length(context)) # 4)",
          "context = NULL",
          "context = ''",
          "context_salt = set_byte(context_salt, %1$d %% 32, get_byte(context_salt, %1$d %% 32) # 1)",
          "context_salt = NULL",
          "context_salt = context_salt || context, context = ''",
          "context_hash = set_byte(context_hash, %1$d %% 32, get_byte(context_hash, %1$d %% 32) # 1)",
          "context_hash = sha256('x'), context = NULL, context_salt = NULL",
          "context = 'x', context_hash = sha256(context_salt || 'x')");

  /** The number of the mutations of more than one column of a row. */
  private static final int STRUCTURAL = 10;

  /** Mutates the log in one of the ways, and returns what it did. */
  private static String mutate(Random random, int way) throws SQLException {
    int position = 1 + random.nextInt(CHECKPOINT);
    int other = 1 + (position + random.nextInt(CHECKPOINT - 1)) % CHECKPOINT;
    if (way == MUTATED.size() + STRUCTURAL - 1) {
      rewrite(position);
      return "rewritten with its tree at " + position;
    }
    String sql =
        switch (way - MUTATED.size()) {
          case 0 -> "DELETE FROM log.event WHERE position = " + position;
          case 1 ->
              "DELETE FROM log.event WHERE position BETWEEN %d AND %d"
                  .formatted(position, position + random.nextInt(300));
          case 2 ->
              ("DELETE FROM log.event WHERE position = %1$d;"
                      + " UPDATE log.event SET position = position - 1 WHERE position > %1$d;"
                      + " UPDATE log.log_head SET position = position - 1")
                  .formatted(position);
          case 3 ->
              ("UPDATE log.event SET position = position + 1 WHERE position >= %1$d;"
                          + " UPDATE log.log_head SET position = position + 1; ")
                      .formatted(position)
                  + copied(position + 1, position);
          case 4 -> copied(position, SIZE + 1);
          case 5 -> copied(position, other);
          case 6 ->
              "UPDATE log.event SET position = CASE position WHEN %1$d THEN %2$d ELSE %1$d END WHERE position IN (%1$d, %2$d)"
                  .formatted(position, other);
          case 7 -> "DELETE FROM log.event WHERE position >= " + position;
          case 8 ->
              ("DELETE FROM log.event WHERE position >= %1$d;"
                      + " UPDATE log.log_head SET position = %1$d - 1;"
                      + (random.nextBoolean()
                          ? " DELETE FROM log.tree_tile; DELETE FROM log.checkpoint"
                          : ""))
                  .formatted(position);
          default ->
              "UPDATE log.event SET %s WHERE position = %d"
                  .formatted(MUTATED.get(way).formatted(random.nextInt(1000)), position);
        };
    execute(sql);
    return sql;
  }

  private static String copied(int from, int to) {
    return ("INSERT INTO log.event SELECT %d, stream_kind, stream_id, sequence, workspace, type,"
            + " version, time, actor_type, actor_id, request_id, payload, context, context_salt,"
            + " context_hash FROM log.event WHERE position = %d")
        .formatted(to, from);
  }

  /** Changes an event and everything that is computed from it. */
  private static void rewrite(int position) throws SQLException {
    insertTree(LOG.rewritten(position));
    execute("UPDATE log.event SET request_id = 'rewritten' WHERE position = " + position);
  }

  private int check() throws Exception {
    out.clear();
    var report = new VerificationReport(out::add, false);
    Checkpoints checkpoints =
        new Checkpoints(
            Checkpoint.parse(LOG.note(PREVIOUS).getBytes(UTF_8)),
            Checkpoint.parse(LOG.note(CHECKPOINT).getBytes(UTF_8)));
    try {
      new DatabaseCheck(checkpoints, report, connection).run();
    } catch (CannotCheckException | SQLException e) {
      out.add(String.valueOf(e.getMessage()));
      return VerifyLog.NOT_CHECKED;
    }
    return report.conclude();
  }
}
