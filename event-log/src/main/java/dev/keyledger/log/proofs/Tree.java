package dev.keyledger.log.proofs;

import dev.keyledger.events.Digest;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The tree of one size, read from its tiles on demand. Recent tiles stay in memory, so that proofs
 * of neighbouring leaves read few. Not thread-safe.
 */
public final class Tree {
  private static final int TILES_IN_MEMORY = 64;

  private final long size;
  private final Tiles tiles;

  private final Map<Tile.Id, Tile> read =
      new LinkedHashMap<>(TILES_IN_MEMORY * 2, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Tile.Id, Tile> eldest) {
          return size() > TILES_IN_MEMORY;
        }
      };

  /** The hashes of subtrees at the right edge, which are in no tile. */
  private final Map<Subtree, byte[]> composed = new HashMap<>();

  /** A source of tiles. */
  @FunctionalInterface
  interface Tiles {
    /** Returns the tiles of those that exist. */
    Map<Tile.Id, Tile> find(Collection<Tile.Id> ids);
  }

  Tree(long size, Tiles tiles) {
    this.size = size;
    this.tiles = tiles;
  }

  /** Returns the number of leaves. */
  public long size() {
    return size;
  }

  /** Returns the root. */
  Digest root() {
    return rootOf(size);
  }

  /**
   * Returns the root that the tree had at a size.
   *
   * @param earlier up to the size of the tree
   */
  Digest rootOf(long earlier) {
    return earlier == 0
        ? Checkpoint.NONE.root()
        : Digest.of(hashes(List.of(new Subtree(0, earlier))).getFirst());
  }

  /**
   * Returns the hash of a leaf.
   *
   * @param index below the size of the tree
   */
  byte[] leafHash(long index) {
    return hashes(List.of(new Subtree(index, index + 1))).getFirst();
  }

  /**
   * Returns the proof that a leaf is in this tree: hashes, lowest first.
   *
   * @throws IllegalArgumentException if the tree has no such leaf
   */
  public List<byte[]> inclusionProof(long index) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException("no leaf " + index + " of " + size);
    }
    return hashes(Subtree.ofInclusion(index, size));
  }

  /**
   * Returns the proof that this tree extends an earlier one: hashes, lowest first. It is empty if
   * the earlier tree is empty or this one.
   *
   * @throws IllegalArgumentException if this tree is smaller
   */
  public List<byte[]> consistencyProof(long from) {
    if (from < 0 || from > size) {
      throw new IllegalArgumentException("no tree of " + from + " leaves in one of " + size);
    }
    return from == 0 ? List.of() : hashes(Subtree.ofConsistency(from, size));
  }

  private List<byte[]> hashes(List<Subtree> subtrees) {
    Map<Tile.Id, Tile> at = tilesOf(subtrees);
    return subtrees.stream().map(subtree -> hash(subtree, at)).toList();
  }

  private byte[] hash(Subtree subtree, Map<Tile.Id, Tile> at) {
    List<Subtree.Node> nodes = subtree.nodes();
    if (nodes.size() == 1) {
      return hash(nodes.getFirst(), at);
    }
    return composed.computeIfAbsent(
        subtree,
        _ -> {
          byte[] hash = hash(nodes.getLast(), at);
          for (int i = nodes.size() - 2; i >= 0; i--) {
            hash = Tile.parent(hash(nodes.get(i), at), hash);
          }
          return hash;
        });
  }

  private static byte[] hash(Subtree.Node node, Map<Tile.Id, Tile> at) {
    Tile tile = at.get(node.tile());
    if (tile == null) {
      throw new IllegalStateException("the stored tree lacks " + node);
    }
    return tile.hash(node);
  }

  private Map<Tile.Id, Tile> tilesOf(List<Subtree> subtrees) {
    Set<Tile.Id> needed =
        subtrees.stream()
            .filter(subtree -> !composed.containsKey(subtree))
            .flatMap(subtree -> subtree.nodes().stream())
            .map(Subtree.Node::tile)
            .collect(Collectors.toSet());
    var found = new HashMap<Tile.Id, Tile>();
    for (Tile.Id id : needed) {
      Tile tile = read.get(id);
      if (tile != null) {
        found.put(id, tile);
      }
    }
    needed.removeAll(found.keySet());
    if (!needed.isEmpty()) {
      Map<Tile.Id, Tile> more = tiles.find(needed);
      found.putAll(more);
      read.putAll(more);
    }
    return found;
  }
}
