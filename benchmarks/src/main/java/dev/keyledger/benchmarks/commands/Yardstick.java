package dev.keyledger.benchmarks.commands;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.EventType;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.log.EventCodec;
import dev.keyledger.log.LedgerDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * The baseline for commands: each caller inserts one event and commits, over its own connection,
 * into a table with the columns and indexes of {@code log.event}, on the same PostgreSQL.
 */
final class Yardstick implements AutoCloseable {
  private static final String INSERT =
      """
      INSERT INTO benchmark.event (position, stream_kind, stream_id, sequence, workspace, type,
        version, time, actor_type, actor_id, request_id, payload, context, context_salt,
        context_hash)
      VALUES (nextval('benchmark.position'), 'key', ?, 0, 'default', ?, ?, clock_timestamp(), 'root',
        NULL, ?, ?, ?, ?, ?)
      """;
  private static final int HASH_BYTES = 32;

  private final List<Connection> connections = new ArrayList<>();
  private final List<PreparedStatement> inserts = new ArrayList<>();

  Yardstick(LedgerDatabase database, int callers, LoggedEvent example) throws SQLException {
    var codec = new EventCodec();
    try (Connection connection = database.openDedicated();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA IF NOT EXISTS benchmark");
      statement.execute("CREATE SEQUENCE IF NOT EXISTS benchmark.position");
      statement.execute(
          "CREATE TABLE IF NOT EXISTS benchmark.event (LIKE log.event INCLUDING ALL)");
    }
    for (int caller = 0; caller < callers; caller++) {
      Connection connection = database.openDedicated();
      connections.add(connection);
      PreparedStatement insert = connection.prepareStatement(INSERT);
      EventType type = EventType.of(example.event());
      insert.setString(2, type.wireName());
      insert.setInt(3, type.version());
      insert.setString(4, example.requestId());
      insert.setBytes(5, codec.encode(example.event()));
      insert.setBytes(6, codec.encodeContext(requireNonNull(example.context())));
      insert.setBytes(7, new byte[HASH_BYTES]);
      insert.setBytes(8, new byte[HASH_BYTES]);
      inserts.add(insert);
    }
  }

  void insertAndCommit(int caller) throws SQLException {
    PreparedStatement insert = inserts.get(caller);
    insert.setString(1, UUID.randomUUID().toString());
    insert.executeUpdate();
  }

  @Override
  public void close() throws SQLException {
    for (Connection connection : connections) {
      connection.close();
    }
  }
}
