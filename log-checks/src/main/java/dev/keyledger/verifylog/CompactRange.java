package dev.keyledger.verifylog;

import static dev.keyledger.verifylog.Sha256.BYTES;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The roots of the perfect subtrees that a Merkle tree (RFC 6962) consists of, while the tree grows
 * leaf by leaf. It also keeps the roots at the watched sizes, and the root of each complete block
 * of {@value #BLOCK} leaves, which takes 32 bytes for every 256 leaves. Not thread-safe.
 */
final class CompactRange {
  /** The number of hashes of a complete tile (C2SP tlog-tiles). */
  static final int BLOCK = 256;

  private static final int BLOCK_LEVEL = 8;
  private static final int LEVELS = 63;

  private final Sha256 sha256 = new Sha256();

  /**
   * At each level, the root of the complete subtree that the binary form of the size has a 1 for.
   */
  private final byte[] complete = new byte[LEVELS * BYTES];

  private final byte[] carried = new byte[BYTES];
  private final TreeSet<Long> watched = new TreeSet<>();
  private final Map<Long, byte[]> roots = new HashMap<>();
  private byte[] blocks = new byte[64 * BYTES];
  private long nextWatched = Long.MAX_VALUE;
  private long size;

  /** Keeps the root at a size, which must not be less than the current one. */
  void watch(long futureSize) {
    if (futureSize == size) {
      roots.put(size, root());
    } else {
      watched.add(futureSize);
      nextWatched = watched.first();
    }
  }

  void add(byte[] hashes, int at) {
    System.arraycopy(hashes, at, carried, 0, BYTES);
    int level = 0;
    for (long rest = size; (rest & 1) == 1; rest >>>= 1) {
      sha256.node(complete, level * BYTES, carried, 0, carried, 0);
      level++;
      if (level == BLOCK_LEVEL) {
        addBlock();
      }
    }
    System.arraycopy(carried, 0, complete, level * BYTES, BYTES);
    size++;
    if (size == nextWatched) {
      roots.put(size, root());
      watched.remove(size);
      nextWatched = watched.isEmpty() ? Long.MAX_VALUE : watched.first();
    }
  }

  private void addBlock() {
    int at = blocks() * BYTES;
    if (at == blocks.length) {
      blocks = Arrays.copyOf(blocks, 2 * blocks.length);
    }
    System.arraycopy(carried, 0, blocks, at, BYTES);
  }

  /** Returns the number of complete blocks, before the leaf that is being added. */
  private int blocks() {
    return Math.toIntExact(size / BLOCK);
  }

  long size() {
    return size;
  }

  /** Returns the roots of all complete blocks, one after the other. */
  byte[] blockRoots() {
    return Arrays.copyOf(blocks, blocks() * BYTES);
  }

  /** Returns the root at a watched size; null if the tree has not got there. */
  byte @Nullable [] rootAt(long watchedSize) {
    return roots.get(watchedSize);
  }

  /** Returns the root at the current size. */
  byte[] root() {
    if (size == 0) {
      return sha256.plain(new byte[0]);
    }
    int level = Long.numberOfTrailingZeros(size);
    byte[] root = Arrays.copyOfRange(complete, level * BYTES, (level + 1) * BYTES);
    for (level++; size >>> level != 0; level++) {
      if ((size >>> level & 1) == 1) {
        sha256.node(complete, level * BYTES, root, 0, root, 0);
      }
    }
    return root;
  }

  /**
   * Returns whether an inclusion proof leads from a leaf to a root (RFC 9162, section 2.1.3.2).
   *
   * @param hash the leaf's hash; it is overwritten
   * @param proof the hashes, lowest first
   */
  static boolean isIncluded(
      Sha256 sha256, byte[] hash, long index, long size, byte[] proof, byte[] root) {
    if (index < 0 || index >= size || proof.length % BYTES != 0) {
      return false;
    }
    long node = index;
    long last = size - 1;
    for (int at = 0; at < proof.length; at += BYTES) {
      if (last == 0) {
        return false;
      }
      if ((node & 1) == 1 || node == last) {
        sha256.node(proof, at, hash, 0, hash, 0);
        int alone = Long.numberOfTrailingZeros(node); // levels at which the node has no sibling
        node >>>= alone;
        last >>>= alone;
      } else {
        sha256.node(hash, 0, proof, at, hash, 0);
      }
      node >>>= 1;
      last >>>= 1;
    }
    return last == 0 && Arrays.equals(hash, root);
  }
}
