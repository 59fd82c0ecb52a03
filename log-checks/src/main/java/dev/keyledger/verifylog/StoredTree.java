package dev.keyledger.verifylog;

import static dev.keyledger.verifylog.Sha256.BYTES;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the tree that the database stores in {@code log.tree_tile}, as C2SP tlog-tiles: whether
 * each level follows from the one below. Not thread-safe.
 */
final class StoredTree {
  private static final int LEVEL = 0;
  private static final int INDEX = 1;
  private static final int WIDTH = 2;
  private static final int HASHES = 3;
  private static final int COLUMNS = 4;

  private static final String COPY =
      "COPY (SELECT level, index, width, hashes FROM log.tree_tile ORDER BY level, index)"
          + " TO STDOUT (FORMAT binary)";

  private final int[] from = new int[COLUMNS];
  private final int[] to = new int[COLUMNS];
  private final CompactRange leaves = new CompactRange();

  /** The level that is being read, and the roots of the complete tiles of the one below. */
  private int level;

  private CompactRange hashes = leaves;
  private byte[] below = {};
  private @Nullable String fault;

  private StoredTree() {}

  /** Reads the tree. */
  static StoredTree read(Connection connection, Checkpoints watched) throws SQLException {
    var tree = new StoredTree();
    watched.watchedBy(tree.leaves);
    CopiedRows rows = CopiedRows.of(connection, COPY);
    for (byte[] row = rows.next(); row != null; row = rows.next()) {
      if (tree.fault == null) {
        tree.fault = tree.add(row);
      }
    }
    if (tree.fault == null) {
      tree.fault = tree.endOfLevel();
    }
    if (tree.fault == null && tree.hashes.blockRoots().length > 0) {
      tree.fault = "level %d is missing".formatted(tree.level + 1);
    }
    return tree;
  }

  /** Returns the tree that the leaf hashes give, up to the first fault. */
  CompactRange leaves() {
    return leaves;
  }

  /** Returns what is wrong with the tree by itself; null: nothing. */
  @Nullable String fault() {
    return fault;
  }

  private @Nullable String add(byte[] row) {
    CopiedRows.columns(row, from, to);
    ByteBuffer values = ByteBuffer.wrap(row);
    int rowLevel = values.getShort(from[LEVEL]);
    long index = values.getLong(from[INDEX]);
    int width = values.getShort(from[WIDTH]);
    if (rowLevel == level + 1) {
      String unfinished = endOfLevel();
      if (unfinished != null) {
        return unfinished;
      }
      level = rowLevel;
      below = hashes.blockRoots();
      hashes = new CompactRange();
    }
    if (rowLevel != level
        || index != hashes.size() / CompactRange.BLOCK
        || hashes.size() % CompactRange.BLOCK != 0) {
      return "tile %d/%d is not the next one of level %d".formatted(rowLevel, index, level);
    }
    int length = to[HASHES] - from[HASHES];
    if (width < 1 || width > CompactRange.BLOCK || length != width * BYTES) {
      return "tile %d/%d has not %d hashes".formatted(level, index, width);
    }
    if (level > 0) {
      long start = index * CompactRange.BLOCK * BYTES;
      if (start + length > below.length
          || !Arrays.equals(
              row, from[HASHES], to[HASHES], below, (int) start, (int) start + length)) {
        return "tile %d/%d does not follow from the level below".formatted(level, index);
      }
    }
    for (int at = from[HASHES]; at < to[HASHES]; at += BYTES) {
      hashes.add(row, at);
    }
    return null;
  }

  private @Nullable String endOfLevel() {
    return level > 0 && hashes.size() * BYTES != below.length
        ? "level %d ends too early".formatted(level)
        : null;
  }
}
