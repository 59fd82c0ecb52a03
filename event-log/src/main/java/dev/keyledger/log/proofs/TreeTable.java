package dev.keyledger.log.proofs;

import dev.keyledger.log.ArrayParameters;
import dev.keyledger.log.StoreUnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads and writes the stored tree and its last checkpoint. */
final class TreeTable {
  /** The table of the checkpoint; its row has the claim to the tree, too. */
  static final String CHECKPOINT = "log.checkpoint";

  private static final String FIND =
      "SELECT level, index, hashes FROM log.tree_tile"
          + " JOIN unnest(?::int4[], ?::int8[]) wanted (level, index) USING (level, index)";
  private static final String PUT =
      """
      INSERT INTO log.tree_tile (level, index, width, hashes)
      SELECT * FROM unnest(?::int4[], ?::int8[], ?::int4[], ?::bytea[])
      ON CONFLICT (level, index) DO UPDATE SET width = excluded.width, hashes = excluded.hashes
      """;
  private static final String PUBLISHED =
      "SELECT size, note, keys FROM log.checkpoint WHERE note IS NOT NULL";
  private static final String PUBLISH =
      "UPDATE log.checkpoint SET size = ?, root = ?, note = ?, keys = ?";

  private TreeTable() {}

  /**
   * Returns those of the tiles that exist.
   *
   * @throws StoreUnavailableException if they cannot be read
   */
  static Map<Tile.Id, Tile> find(Connection connection, Collection<Tile.Id> ids) {
    var tiles = new HashMap<Tile.Id, Tile>();
    List<Tile.Id> wanted = List.copyOf(ids);
    try (PreparedStatement statement = connection.prepareStatement(FIND)) {
      new ArrayParameters(statement, 1)
          .integers(wanted, Tile.Id::level)
          .longs(wanted, Tile.Id::index);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          tiles.put(new Tile.Id(rows.getInt(1), rows.getLong(2)), Tile.of(rows.getBytes(3)));
        }
      }
    } catch (SQLException e) {
      throw new StoreUnavailableException("cannot read the tree of the log: " + e.getMessage(), e);
    }
    return tiles;
  }

  /** Stores tiles, which replace narrower ones. */
  static void put(Connection connection, Map<Tile.Id, Tile> tiles) throws SQLException {
    List<Map.Entry<Tile.Id, Tile>> rows = List.copyOf(tiles.entrySet());
    try (PreparedStatement statement = connection.prepareStatement(PUT)) {
      new ArrayParameters(statement, 1)
          .integers(rows, row -> row.getKey().level())
          .longs(rows, row -> row.getKey().index())
          .integers(rows, row -> row.getValue().width())
          .bytes(rows, row -> row.getValue().hashes(Tile.WIDTH));
      statement.executeUpdate();
    }
  }

  /** Returns the last checkpoint; null before the first one. */
  static @Nullable SignedCheckpoint published(Connection connection) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(PUBLISHED);
        ResultSet row = statement.executeQuery()) {
      if (!row.next()) {
        return null;
      }
      String note = row.getString(2);
      return new SignedCheckpoint(
          Checkpoint.parse(note).origin(), row.getLong(1), note, row.getString(3).lines().toList());
    }
  }

  /** Publishes a checkpoint, with the commit of the transaction. */
  static void publish(Connection connection, Checkpoint checkpoint, SignedCheckpoint signed)
      throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(PUBLISH)) {
      statement.setLong(1, checkpoint.size());
      statement.setBytes(2, checkpoint.root().toBytes());
      statement.setString(3, signed.note());
      statement.setString(4, String.join("\n", signed.verifierKeys()));
      statement.executeUpdate();
    }
  }
}
