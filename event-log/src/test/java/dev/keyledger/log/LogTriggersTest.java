package dev.keyledger.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.events.KeyExpired;
import dev.keyledger.events.StreamId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LogTriggersTest {
  private final DatabaseSettings settings = TestDatabases.empty();
  private final LedgerDatabase database = LedgerDatabase.open(settings);
  private final EventCodec codec = new EventCodec();

  @BeforeAll
  void append() {
    try (var appender = new LogAppender(database, codec, InstantSource.system())) {
      appender.append(
          List.of(
              TestEvents.issue(1),
              TestEvents.change(1, 1),
              TestEvents.event(1, 2, new KeyExpired(Instant.EPOCH))));
    }
  }

  @AfterAll
  void close() {
    database.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM log.event",
        "DELETE FROM log.event WHERE position = 2",
        "TRUNCATE log.event",
        "TRUNCATE log.event CASCADE",
        "UPDATE log.event SET payload = '{}'",
        "UPDATE log.event SET position = position + 10",
        "UPDATE log.event SET time = time - interval '1 second'",
        "UPDATE log.event SET actor_id = 'x'",
        "UPDATE log.event SET context_hash = sha256('x')",
        "UPDATE log.event SET context = '{}'",
        "UPDATE log.event SET context_salt = sha256('x')",
        "UPDATE log.event SET context = NULL",
        "UPDATE log.event SET context = NULL, context_salt = NULL, workspace = 'other'",
        "DELETE FROM log.log_head",
        "TRUNCATE log.log_head",
        "INSERT INTO log.log_head DEFAULT VALUES",
        "UPDATE log.log_head SET position = position - 1",
        "UPDATE log.log_head SET time = time - interval '1 second'",
        "UPDATE log.log_head SET incarnation = 0",
        "UPDATE log.log_head SET store_id = gen_random_uuid()",
        "UPDATE log.key_secret SET generation = 9",
        "DELETE FROM log.key_secret",
        "TRUNCATE log.key_secret",
        "UPDATE log.key_owner SET owner_id = 'other'",
        "UPDATE log.key_owner SET workspace = 'other'",
        "UPDATE log.key_owner SET key_id = 'other'",
        "DELETE FROM log.key_owner",
        "TRUNCATE log.key_owner",
        "UPDATE log.key_reminder SET \"offset\" = 'P1D'",
        "DELETE FROM log.key_reminder",
        "TRUNCATE log.key_reminder"
      })
  void aStatementThatWouldRewriteTheLogIsRejected(String sql) throws SQLException {
    try (Connection session = TestDatabases.session(settings);
        Statement statement = session.createStatement()) {
      assertThatThrownBy(() -> statement.execute(sql)).isInstanceOf(SQLException.class);
    }
  }

  @Test
  void erasureRemovesTheContextAndKeepsTheLeafBytes() throws SQLException {
    byte[] before = LeafBytes.of(row(2));

    TestDatabases.execute(
        settings, "UPDATE log.event SET context = NULL, context_salt = NULL WHERE position = 2");

    var reader = new LogReader(database, codec);
    assertThat(reader.readStream(StreamId.of(TestEvents.key(1))).get(1).context()).isNull();
    assertThat(LeafBytes.of(row(2))).isEqualTo(before);
  }

  private EventRow row(long position) throws SQLException {
    try (Connection session = TestDatabases.session(settings);
        PreparedStatement statement =
            session.prepareStatement(
                "SELECT " + EventRow.COLUMNS + " FROM log.event WHERE position = ?")) {
      statement.setLong(1, position);
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return EventRow.read(row);
      }
    }
  }
}
