package dev.keyledger.log.proofs;

import java.util.ArrayList;
import java.util.List;

/**
 * Consecutive leaves under one node of a tree, as RFC 6962 section 2.1 splits trees.
 *
 * @param begin the index of the first leaf, from 0
 * @param end the index after the last one
 */
record Subtree(long begin, long end) {
  Subtree {
    if (begin < 0 || begin >= end) {
      throw new IllegalArgumentException("no leaves from " + begin + " to " + end);
    }
  }

  /** Returns the subtrees whose hashes prove that a leaf is in a tree, lowest first. */
  static List<Subtree> ofInclusion(long index, long size) {
    var subtrees = new ArrayList<Subtree>();
    var tree = new Subtree(0, size);
    while (tree.leaves() > 1) {
      long middle = tree.middle();
      boolean left = index < middle;
      subtrees.addFirst(left ? tree.from(middle) : tree.to(middle));
      tree = left ? tree.to(middle) : tree.from(middle);
    }
    return subtrees;
  }

  /**
   * Returns the subtrees whose hashes prove that a tree extends an earlier one, lowest first.
   *
   * @param from the size of the earlier tree, 1 or more
   * @param to the size of the tree, {@code from} or more
   */
  static List<Subtree> ofConsistency(long from, long to) {
    var subtrees = new ArrayList<Subtree>();
    var tree = new Subtree(0, to);
    while (tree.end != from) {
      long middle = tree.middle();
      boolean left = from <= middle;
      subtrees.addFirst(left ? tree.from(middle) : tree.to(middle));
      tree = left ? tree.to(middle) : tree.from(middle);
    }
    if (tree.begin > 0) { // else it is the earlier tree, whose root the verifier has
      subtrees.addFirst(tree);
    }
    return subtrees;
  }

  /** Returns the complete subtrees that it consists of, from left to right. */
  List<Node> nodes() {
    var nodes = new ArrayList<Node>();
    long next = begin;
    while (next < end) {
      int height = Long.SIZE - 1 - Long.numberOfLeadingZeros(end - next);
      nodes.add(new Node(height, next >> height));
      next += 1L << height;
    }
    return nodes;
  }

  private long leaves() {
    return end - begin;
  }

  /**
   * Returns the index of the split: after the largest power of two that is smaller than the size.
   */
  private long middle() {
    return begin + Long.highestOneBit(leaves() - 1);
  }

  private Subtree from(long middle) {
    return new Subtree(middle, end);
  }

  private Subtree to(long middle) {
    return new Subtree(begin, middle);
  }

  /**
   * The root of a complete subtree of 2^height leaves.
   *
   * @param index the number of such subtrees to the left of it
   */
  record Node(int height, long index) {
    /** Returns the tile that has it, or the hashes that it is computed from. */
    Tile.Id tile() {
      int level = height / Tile.HEIGHT;
      return new Tile.Id(level, (index << (height % Tile.HEIGHT)) / Tile.WIDTH);
    }
  }
}
