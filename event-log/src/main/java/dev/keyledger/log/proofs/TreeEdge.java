package dev.keyledger.log.proofs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The right edge of a tree: its last tile of each level, to which leaves are added. Not
 * thread-safe.
 */
final class TreeEdge {
  /** The tile at the right edge of each level, which is not full. */
  private final List<Tile> tiles = new ArrayList<>();

  private final Map<Tile.Id, Tile> changed = new LinkedHashMap<>();
  private long size;

  /**
   * Returns the edge of a tree.
   *
   * @param size the number of its leaves
   * @param tiles has the tiles of its edge
   */
  static TreeEdge of(long size, Tree.Tiles tiles) {
    var edge = new TreeEdge();
    edge.size = size;
    var ids = new ArrayList<Tile.Id>();
    for (int level = 0; (size >> (level * Tile.HEIGHT)) > 0; level++) {
      ids.add(idAt(level, size));
    }
    Map<Tile.Id, Tile> found = tiles.find(ids);
    for (Tile.Id id : ids) {
      Tile tile = found.getOrDefault(id, new Tile());
      if (tile.width() != (size >> (id.level() * Tile.HEIGHT)) % Tile.WIDTH) {
        throw new IllegalStateException("the stored tree of size %d lacks %s".formatted(size, id));
      }
      edge.tiles.add(tile);
    }
    return edge;
  }

  private static Tile.Id idAt(int level, long size) {
    return new Tile.Id(level, (size >> (level * Tile.HEIGHT)) / Tile.WIDTH);
  }

  /** Adds a leaf. */
  void add(byte[] leafHash) {
    byte[] hash = leafHash;
    for (int level = 0; ; level++) {
      if (level == tiles.size()) {
        tiles.add(new Tile());
      }
      Tile tile = tiles.get(level);
      tile.add(hash);
      changed.put(idAt(level, size), tile);
      if (!tile.isFull()) {
        break;
      }
      hash = tile.root();
      tiles.set(level, new Tile());
    }
    size++;
  }

  /** Returns the number of leaves. */
  long size() {
    return size;
  }

  /** Returns the tiles that have changed since the last call. */
  Map<Tile.Id, Tile> takeChanged() {
    var taken = Map.copyOf(changed);
    changed.clear();
    return taken;
  }
}
