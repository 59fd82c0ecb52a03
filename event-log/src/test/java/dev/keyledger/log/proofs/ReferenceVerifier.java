package dev.keyledger.log.proofs;

import dev.keyledger.events.Digest;
import dev.keyledger.events.Sha256;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Verifies proofs step by step according to RFC 9162 sections 2.1.3.2 and 2.1.4.2. */
final class ReferenceVerifier {
  private ReferenceVerifier() {}

  /** Returns the hash of a leaf, RFC 9162 section 2.1.1. */
  static byte[] leafHash(byte[] bytes) {
    return Sha256.of((byte) 0, bytes);
  }

  /** Returns whether a proof shows that a leaf is in the tree of a root. */
  static boolean includes(long index, byte[] leafHash, long size, List<byte[]> proof, Digest root) {
    if (index >= size) {
      return false;
    }
    long fn = index;
    long sn = size - 1;
    byte[] r = leafHash;
    for (byte[] p : proof) {
      if (sn == 0) {
        return false;
      }
      if (fn % 2 == 1 || fn == sn) {
        r = Tile.parent(p, r);
        while (fn % 2 == 0 && fn != 0) {
          fn >>= 1;
          sn >>= 1;
        }
      } else {
        r = Tile.parent(r, p);
      }
      fn >>= 1;
      sn >>= 1;
    }
    return sn == 0 && Arrays.equals(r, root.toBytes());
  }

  /** Returns whether a proof shows that a tree extends an earlier one, which is not empty. */
  static boolean extendsEarlier(
      long from, Digest earlier, long to, Digest root, List<byte[]> proof) {
    if (from == to) {
      return proof.isEmpty() && earlier.equals(root);
    }
    Deque<byte[]> path = new ArrayDeque<>(proof);
    if (Long.bitCount(from) == 1) {
      path.addFirst(earlier.toBytes());
    }
    long fn = from - 1;
    long sn = to - 1;
    while (fn % 2 == 1) {
      fn >>= 1;
      sn >>= 1;
    }
    byte @Nullable [] first = path.poll();
    if (first == null) {
      return false;
    }
    byte[] fr = first;
    byte[] sr = first;
    for (byte[] c : path) {
      if (sn == 0) {
        return false;
      }
      if (fn % 2 == 1 || fn == sn) {
        fr = Tile.parent(c, fr);
        sr = Tile.parent(c, sr);
        while (fn % 2 == 0 && fn != 0) {
          fn >>= 1;
          sn >>= 1;
        }
      } else {
        sr = Tile.parent(sr, c);
      }
      fn >>= 1;
      sn >>= 1;
    }
    return sn == 0 && Arrays.equals(fr, earlier.toBytes()) && Arrays.equals(sr, root.toBytes());
  }
}
