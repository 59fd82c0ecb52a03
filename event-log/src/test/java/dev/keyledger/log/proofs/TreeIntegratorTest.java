package dev.keyledger.log.proofs;

import static dev.keyledger.log.TestEvents.change;
import static dev.keyledger.log.TestEvents.issue;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.log.DatabaseSettings;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.EventRow;
import dev.keyledger.log.LeafBytes;
import dev.keyledger.log.LedgerDatabase;
import dev.keyledger.log.LogAppender;
import dev.keyledger.log.TestDatabases;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeIntegratorTest {
  private static final LogKeys KEYS = LogKeys.generate();

  private final DatabaseSettings settings = TestDatabases.empty();
  private final LedgerDatabase database = LedgerDatabase.open(settings);
  private final LogAppender appender =
      new LogAppender(database, new EventCodec(), InstantSource.system());
  private final LogProofs proofs = LogProofs.open(database);

  @TempDir Path directory;

  @AfterEach
  void close() {
    appender.close();
    database.close();
  }

  private TreeIntegrator node(String name) {
    return new TreeIntegrator(
        database, KEYS, new LastSigned(directory.resolve(name)), InstantSource.system());
  }

  /** Runs a step as the runner does. */
  private long step(TreeIntegrator node) throws SQLException {
    return step(database, node);
  }

  private static long step(LedgerDatabase database, TreeIntegrator node) throws SQLException {
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      long after = positionOf(connection);
      long reached = node.move(connection, after);
      try (PreparedStatement move =
          connection.prepareStatement("UPDATE log.checkpoint SET position = ?")) {
        move.setLong(1, reached);
        move.executeUpdate();
      }
      connection.commit();
      return reached;
    }
  }

  private static long positionOf(Connection connection) throws SQLException {
    try (PreparedStatement statement =
            connection.prepareStatement("SELECT position FROM log.checkpoint FOR UPDATE");
        ResultSet row = statement.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  private void append(int first, int number) {
    for (int key = first; key < first + number; key++) {
      appender.append(List.of(issue(key), change(key, 1)));
    }
  }

  private SignedCheckpoint checkpoint() {
    return proofs.checkpoint().orElseThrow();
  }

  @Test
  void checkpointsCoverWhatWasAppended() throws SQLException {
    assertThat(proofs.checkpoint()).isEmpty();
    TreeIntegrator node = node("a");
    assertThat(step(node)).isZero();
    assertThat(checkpoint().size()).isZero();

    append(0, 200);
    assertThat(step(node)).isEqualTo(400);
    String first = checkpoint().note();
    assertThat(checkpoint().size()).isEqualTo(400);
    assertThat(step(node)).isEqualTo(400);
    assertThat(checkpoint().note()).as("nothing new, nothing signed").isEqualTo(first);

    append(200, 100);
    assertThat(step(node)).isEqualTo(600);
    Checkpoint earlier = Checkpoint.parse(first);
    Checkpoint later = Checkpoint.parse(checkpoint().note());
    assertThat(
            ReferenceVerifier.extendsEarlier(
                400, earlier.root(), 600, later.root(), proofs.tree(600).consistencyProof(400)))
        .isTrue();
    for (long position : new long[] {1, 256, 257, 400, 600}) {
      LogProofs.Entry entry = proofs.entry(position).orElseThrow();
      assertThat(
              ReferenceVerifier.includes(
                  position - 1,
                  entry.leafHash(),
                  600,
                  proofs.tree(600).inclusionProof(position - 1),
                  later.root()))
          .isTrue();
    }
    assertThat(proofs.entry(601)).isEmpty();
    assertThat(later.origin()).isEqualTo("keyledger.dev/log/%s/1".formatted(database.storeId()));
  }

  @Test
  void tilesAreThoseThatTheCheckpointCovers() throws SQLException {
    append(0, 200);
    step(node("a"));
    append(200, 1);
    assertThat(proofs.tile(0, 0, 256).orElseThrow()).hasSize(8192);
    assertThat(proofs.tile(0, 1, 144).orElseThrow()).hasSize(144 * 32);
    assertThat(proofs.tile(0, 1, 10).orElseThrow()).hasSize(320);
    assertThat(proofs.tile(0, 1, 145)).isEmpty();
    assertThat(proofs.tile(1, 0, 1).orElseThrow()).hasSize(32);
    assertThat(proofs.tile(1, 0, 2)).isEmpty();
    assertThat(proofs.tile(2, 0, 1)).isEmpty();
    assertThat(proofs.tile(63, 0, 1)).isEmpty();
    assertThat(proofs.tile(0, Long.MAX_VALUE / 256, 256)).isEmpty();
    byte[] bundle = proofs.entryBundle(1, 144).orElseThrow();
    int entries = 0;
    for (int at = 0; at < bundle.length; entries++) {
      at += 2 + Short.toUnsignedInt(ByteBuffer.wrap(bundle, at, 2).getShort());
    }
    assertThat(entries).isEqualTo(144);
    assertThat(proofs.entryBundle(1, 145)).isEmpty();
  }

  @Test
  void nodesTakeTurns() throws SQLException {
    TreeIntegrator one = node("one");
    TreeIntegrator other = node("other");
    var sizes = new ArrayList<Long>();
    for (int turn = 0; turn < 6; turn++) {
      append(turn * 10, 5);
      step(turn % 2 == 0 ? one : other);
      sizes.add(checkpoint().size());
    }
    assertThat(sizes).containsExactly(10L, 20L, 30L, 40L, 50L, 60L);
  }

  @Test
  void aLogThatWasRolledBackIsNotSigned() throws SQLException {
    TreeIntegrator node = node("a");
    append(0, 10);
    step(node);
    TestDatabases.execute(settings, "CREATE TABLE kept AS SELECT * FROM log.checkpoint");
    TestDatabases.execute(settings, "CREATE TABLE kept_tiles AS SELECT * FROM log.tree_tile");
    append(10, 1);
    step(node);
    String signed = checkpoint().note();

    TestDatabases.execute(
        settings,
        "SET session_replication_role = replica;"
            + "DELETE FROM log.event WHERE position > 20; DELETE FROM log.key_secret WHERE digest"
            + " NOT IN (SELECT digest FROM log.key_secret ORDER BY key_id LIMIT 10);"
            + "UPDATE log.log_head SET position = 20;"
            + "DELETE FROM log.checkpoint; INSERT INTO log.checkpoint SELECT * FROM kept;"
            + "DELETE FROM log.tree_tile; INSERT INTO log.tree_tile SELECT * FROM kept_tiles");
    assertThatThrownBy(() -> step(node)).hasMessageContaining("rolled back");
    append(11, 1);
    assertThatThrownBy(() -> step(node))
        .as("another event at the same position")
        .hasMessageContaining("does not extend the checkpoint of size 22");
    append(12, 5);
    assertThatThrownBy(() -> step(node)).hasMessageContaining("of size 22");

    database.newIncarnation();
    try (LedgerDatabase again = LedgerDatabase.open(settings)) {
      var restarted =
          new TreeIntegrator(
              again, KEYS, new LastSigned(directory.resolve("a")), InstantSource.system());
      step(again, restarted);
      SignedCheckpoint published = LogProofs.open(again).checkpoint().orElseThrow();
      assertThat(published.origin()).endsWith("/2");
      assertThat(published.size()).isEqualTo(32);
      assertThat(published.note()).isNotEqualTo(signed);
      assertThat(proofs.checkpoint()).as("another log").isEmpty();
    }
  }

  @Test
  void thePublishedCheckpointCountsIfTheOwnFileIsLost() throws SQLException {
    append(0, 10);
    step(node("published"));
    TestDatabases.execute(settings, "UPDATE log.checkpoint SET note = NULL, position = 0");
    TestDatabases.execute(
        settings,
        "SET session_replication_role = replica;"
            + "UPDATE log.event SET request_id = 'another' WHERE position = 3;"
            + "DELETE FROM log.tree_tile");
    var elsewhere =
        new LastSigned(directory.resolve("lost")).alsoIn(directory.resolve("published"));
    var node = new TreeIntegrator(database, KEYS, elsewhere, InstantSource.system());
    assertThatThrownBy(() -> step(node)).hasMessageContaining("does not extend");
    assertThat(step(node("lost"))).as("without it").isEqualTo(20);
  }

  @Test
  void aRowBeyondTheHeadIsNotSigned() throws SQLException {
    append(0, 10);
    TestDatabases.execute(
        settings,
        "INSERT INTO log.event SELECT 21, stream_kind, stream_id, 2, workspace, type, version, time,"
            + " actor_type, actor_id, request_id, payload, context, context_salt, context_hash"
            + " FROM log.event WHERE position = 20");
    assertThat(step(node("a"))).isEqualTo(20);
  }

  @Test
  void aStoredTreeThatWasChangedIsNotSigned() throws SQLException {
    TreeIntegrator node = node("a");
    append(0, 150);
    step(node);
    TestDatabases.execute(
        settings,
        "UPDATE log.tree_tile SET hashes = set_byte(hashes, 5, get_byte(hashes, 5) # 1)"
            + " WHERE level = 0 AND index = 1");
    append(150, 1);
    assertThatThrownBy(() -> step(node)).hasMessageContaining("does not extend");
  }

  @Test
  void aGapIsNotSigned() throws SQLException {
    append(0, 10);
    TestDatabases.execute(
        settings,
        "SET session_replication_role = replica; DELETE FROM log.event WHERE position = 7");
    assertThatThrownBy(() -> step(node("a"))).hasMessageContaining("gap before position 8");
  }

  @Test
  void aCrashAfterSigningIsMadeUpFor() throws SQLException {
    TreeIntegrator node = node("a");
    append(0, 10);
    try (Connection connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      node.move(connection, 0);
      connection.rollback();
    }
    assertThat(proofs.checkpoint()).isEmpty();
    append(10, 1);
    assertThat(step(node("a"))).isEqualTo(22);
    assertThat(checkpoint().size()).isEqualTo(22);
  }

  @Test
  void aProofFileHasTheCheckpoint() throws SQLException {
    append(0, 2);
    step(node("a"));
    String file = proofs.proofFile(3, checkpoint());
    assertThat(file)
        .startsWith("c2sp.org/tlog-proof@v1\nindex 2\n")
        .endsWith("\n\n" + checkpoint().note());
    assertThat(file.lines().skip(2).takeWhile(line -> !line.isEmpty())).hasSize(2);
  }

  @Test
  void theBytesOfAnEntryAreThoseOfTheDecodedEvent() throws SQLException {
    append(0, 2);
    try (Connection connection = database.dataSource().getConnection();
        var statement =
            connection.prepareStatement("SELECT " + EventRow.COLUMNS + " FROM log.event");
        var rows = statement.executeQuery()) {
      int seen = 0;
      while (rows.next()) {
        EventRow row = EventRow.read(rows);
        assertThat(proofs.entry(row.position()).orElseThrow().bytes()).isEqualTo(LeafBytes.of(row));
        seen++;
      }
      assertThat(seen).isEqualTo(4);
    }
  }

  @Test
  void anAlteredEventHasNoProof() throws SQLException {
    append(0, 2);
    step(node("a"));
    TestDatabases.execute(
        settings,
        "SET session_replication_role = replica;"
            + "UPDATE log.event SET request_id = 'another' WHERE position = 3");
    SignedCheckpoint last = checkpoint();
    assertThat(proofs.proofFile(2, last)).isNotEmpty();
    assertThatThrownBy(() -> proofs.proofFile(3, last))
        .isInstanceOf(AlteredLogException.class)
        .hasMessageContaining("position 3");
  }
}
