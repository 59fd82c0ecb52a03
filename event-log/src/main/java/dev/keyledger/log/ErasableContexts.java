package dev.keyledger.log;

import dev.keyledger.events.Actor;
import dev.keyledger.events.KeyId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.LongStream;
import javax.sql.DataSource;

/**
 * Finds the events of a workspace whose contexts can be erased: those that still have one and are
 * not erasures themselves.
 *
 * <p>Every method throws {@link StoreUnavailableException} if the database cannot be reached.
 * Thread-safe.
 */
public final class ErasableContexts {
  private static final String KEPT =
      "SELECT position FROM log.event WHERE context IS NOT NULL AND type <> 'ContextErased'"
          + " AND workspace = ?";

  private static final String ON_KEY =
      KEPT + " AND stream_kind = 'key' AND stream_id = ? ORDER BY sequence LIMIT ?";
  private static final String BY_ACTOR = KEPT + " AND actor_type = ? AND actor_id = ? LIMIT ?";
  private static final String BY_ACTOR_WITHOUT_ID =
      KEPT + " AND actor_type = ? AND actor_id IS NULL LIMIT ?";

  private final DataSource dataSource;

  public ErasableContexts(LedgerDatabase database) {
    this.dataSource = database.dataSource();
  }

  /**
   * Events with contexts.
   *
   * @param positions ascending
   * @param more whether there are more
   * @param workspacesKnown the position of the last event of any workspace before the search. If
   *     there is none after it, no context was erased since
   */
  public record Found(List<Long> positions, boolean more, long workspacesKnown) {
    public Found {
      positions = List.copyOf(positions);
    }
  }

  /**
   * Finds events on a key.
   *
   * @param max the most events to return, 1 or more
   */
  public Found on(KeyId keyId, String workspace, int max) {
    return find(
        ON_KEY,
        max,
        statement -> {
          statement.setString(1, workspace);
          statement.setString(2, keyId.value());
          statement.setInt(3, max + 1);
        });
  }

  /**
   * Finds events by an actor.
   *
   * @param max the most events to return, 1 or more
   */
  public Found by(Actor actor, String workspace, int max) {
    return find(
        actor.id() == null ? BY_ACTOR_WITHOUT_ID : BY_ACTOR,
        max,
        statement -> {
          statement.setString(1, workspace);
          statement.setString(2, actor.type().toString());
          int next = 3;
          if (actor.id() != null) {
            statement.setString(next++, actor.id());
          }
          statement.setInt(next, max + 1);
        });
  }

  private interface Parameters {
    void set(PreparedStatement statement) throws SQLException;
  }

  private Found find(String sql, int max, Parameters parameters) {
    try (Connection connection = dataSource.getConnection()) {
      connection.setAutoCommit(false);
      try (Statement settings = connection.createStatement();
          PreparedStatement statement = connection.prepareStatement(sql)) {
        long workspacesKnown = workspacePosition(settings);
        // A scan of the table would first skip all contexts that are already erased.
        settings.execute("SET LOCAL enable_seqscan = off");
        parameters.set(statement);
        LongStream.Builder found = LongStream.builder();
        try (ResultSet row = statement.executeQuery()) {
          while (row.next()) {
            found.add(row.getLong(1));
          }
        }
        List<Long> positions = found.build().boxed().toList();
        return new Found(
            positions.stream().limit(max).sorted().toList(),
            positions.size() > max,
            workspacesKnown);
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot read the log: " + e.getMessage(), e);
    }
  }

  private static long workspacePosition(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("SELECT workspace_position FROM log.log_head")) {
      row.next();
      return row.getLong(1);
    }
  }
}
