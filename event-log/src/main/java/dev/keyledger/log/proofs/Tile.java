package dev.keyledger.log.proofs;

import dev.keyledger.events.Digest;
import dev.keyledger.events.Sha256;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Up to 256 consecutive hashes of one level of the tree (C2SP tlog-tiles), and the eight levels of
 * nodes above them. Not thread-safe.
 */
final class Tile {
  /** The number of levels of nodes in a tile. */
  static final int HEIGHT = 8;

  /** The number of hashes in a full tile. */
  static final int WIDTH = 1 << HEIGHT;

  private static final byte NODE = 1;

  /**
   * The place of a tile.
   *
   * @param level 0: its hashes are those of leaves; else each is the root of a full tile of the
   *     level below
   * @param index the number of tiles of the level to the left of it
   */
  record Id(int level, long index) {}

  /** The hashes of each height above those of the tile, from left to right. */
  private final List<List<byte[]>> heights = new ArrayList<>(HEIGHT + 1);

  /** Creates a tile without hashes. */
  Tile() {
    for (int height = 0; height <= HEIGHT; height++) {
      heights.add(new ArrayList<>());
    }
  }

  /**
   * Creates a tile.
   *
   * @param hashes one after the other, up to 256
   */
  static Tile of(byte[] hashes) {
    var tile = new Tile();
    for (int at = 0; at < hashes.length; at += Digest.BYTES) {
      tile.add(Arrays.copyOfRange(hashes, at, at + Digest.BYTES));
    }
    return tile;
  }

  /** Returns the hash of a node over two others (RFC 6962, section 2.1). */
  static byte[] parent(byte[] left, byte[] right) {
    return Sha256.of(NODE, left, right);
  }

  /** Adds a hash at the right. */
  void add(byte[] hash) {
    byte[] added = hash;
    for (int height = 0; ; height++) {
      List<byte[]> row = heights.get(height);
      row.add(added);
      if (row.size() % 2 == 1) {
        return;
      }
      added = parent(row.get(row.size() - 2), added);
    }
  }

  /** Returns the number of its hashes. */
  int width() {
    return heights.getFirst().size();
  }

  boolean isFull() {
    return width() == WIDTH;
  }

  /** Returns the hash over all of a full tile. */
  byte[] root() {
    return heights.get(HEIGHT).getFirst();
  }

  /**
   * Returns the hash of a node.
   *
   * @throws IllegalStateException if the tile is not wide enough for it
   */
  byte[] hash(Subtree.Node node) {
    int height = node.height() % HEIGHT;
    List<byte[]> row = heights.get(height);
    int at = (int) (node.index() % (WIDTH >> height));
    if (at >= row.size()) {
      throw new IllegalStateException("the stored tree lacks " + node);
    }
    return row.get(at);
  }

  /** Returns its first hashes, one after the other; fewer if it has fewer. */
  byte[] hashes(int most) {
    List<byte[]> first = heights.getFirst().subList(0, Math.min(most, width()));
    byte[] hashes = new byte[first.size() * Digest.BYTES];
    int at = 0;
    for (byte[] hash : first) {
      System.arraycopy(hash, 0, hashes, at, Digest.BYTES);
      at += Digest.BYTES;
    }
    return hashes;
  }
}
