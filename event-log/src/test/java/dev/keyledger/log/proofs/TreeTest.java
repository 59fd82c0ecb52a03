package dev.keyledger.log.proofs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.keyledger.events.Digest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TreeTest {
  /** The inputs of the test vectors of Certificate Transparency. */
  private static final List<String> VECTOR =
      List.of(
          "",
          "00",
          "10",
          "2021",
          "3031",
          "40414243",
          "5051525354555657",
          "606162636465666768696a6b6c6d6e6f");

  private static final int PAIRS_MAX = 300;
  private static final int CHANGES = 100_000;

  private final Map<Tile.Id, Tile> tiles = new HashMap<>();
  private final TreeEdge edge = TreeEdge.of(0, this::find);
  private final List<byte[]> leaves = new ArrayList<>();

  private Map<Tile.Id, Tile> find(Iterable<Tile.Id> ids) {
    var found = new HashMap<Tile.Id, Tile>();
    for (Tile.Id id : ids) {
      Tile tile = tiles.get(id);
      if (tile != null) {
        found.put(id, tile);
      }
    }
    return found;
  }

  private void add(byte[] leaf) {
    leaves.add(ReferenceVerifier.leafHash(leaf));
    edge.add(leaves.getLast());
    tiles.putAll(edge.takeChanged());
  }

  private Tree grown(int size) {
    while (edge.size() < size) {
      add(ByteBuffer.allocate(Long.BYTES).putLong(edge.size()).array());
    }
    return tree(size);
  }

  private Tree tree(long size) {
    return new Tree(size, this::find);
  }

  /** Returns the root by the definition of RFC 6962 section 2.1. */
  private byte[] rootByDefinition(int begin, int end) {
    if (end - begin == 1) {
      return leaves.get(begin);
    }
    int k = Integer.highestOneBit(end - begin - 1);
    return Tile.parent(rootByDefinition(begin, begin + k), rootByDefinition(begin + k, end));
  }

  @Test
  void theRootsAreThoseOfTheTestVectors() {
    assertThat(tree(0).root())
        .hasToString("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (String leaf : VECTOR) {
      add(HexFormat.of().parseHex(leaf));
    }
    assertThat(tree(1).root())
        .hasToString("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    assertThat(tree(2).root())
        .hasToString("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
    assertThat(tree(8).root())
        .hasToString("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
  }

  @Test
  void everyProofUpToThreeHundredLeavesHolds() {
    grown(PAIRS_MAX);
    var roots = new ArrayList<Digest>();
    for (int size = 1; size <= PAIRS_MAX; size++) {
      Tree tree = tree(size);
      Digest root = tree.root();
      roots.add(root);
      assertThat(root.toBytes()).isEqualTo(rootByDefinition(0, size));
      for (int at = 0; at < size; at++) {
        boolean included =
            ReferenceVerifier.includes(at, leaves.get(at), size, tree.inclusionProof(at), root);
        boolean extended =
            ReferenceVerifier.extendsEarlier(
                at + 1, roots.get(at), size, root, tree.consistencyProof(at + 1));
        if (!included || !extended) {
          fail("leaf or size %d in a tree of %d".formatted(at, size));
        }
      }
    }
  }

  @Test
  void noProofWithAChangedByteHolds() {
    int size = 300;
    Tree tree = grown(size);
    Digest root = tree.root();
    var random = new Random(18);
    for (int i = 0; i < CHANGES; i++) {
      int at = random.nextInt(size - 1);
      boolean inclusion = i % 2 == 0;
      List<byte[]> proof =
          new ArrayList<>(
              (inclusion ? tree.inclusionProof(at) : tree.consistencyProof(at + 1))
                  .stream().map(byte[]::clone).toList());
      byte[] changed = proof.get(random.nextInt(proof.size()));
      changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
      boolean holds =
          inclusion
              ? ReferenceVerifier.includes(at, leaves.get(at), size, proof, root)
              : ReferenceVerifier.extendsEarlier(at + 1, tree.rootOf(at + 1), size, root, proof);
      if (holds) {
        fail("a changed proof of %d holds".formatted(at));
      }
    }
  }

  @Test
  void aTreeOfThreeLevelsOfTilesHasTheSameRoots() {
    int size = 70_000;
    Tree tree = grown(size);
    assertThat(tree.root().toBytes()).isEqualTo(rootByDefinition(0, size));
    assertThat(tree.rootOf(65_536).toBytes()).isEqualTo(rootByDefinition(0, 65_536));
    for (int at : new int[] {0, 255, 256, 65_535, 65_536, size - 1}) {
      assertThat(
              ReferenceVerifier.includes(
                  at, leaves.get(at), size, tree.inclusionProof(at), tree.root()))
          .isTrue();
    }
    assertThat(widthOf(0, 273)).isEqualTo(112);
    assertThat(widthOf(1, 1)).isEqualTo(17);
    assertThat(widthOf(2, 0)).isEqualTo(1);
    assertThat(tiles).hasSize(274 + 2 + 1);

    TreeEdge resumed = TreeEdge.of(size, this::find);
    resumed.add(ReferenceVerifier.leafHash(new byte[0]));
    assertThat(resumed.size()).isEqualTo(size + 1);
  }

  private int widthOf(int level, long index) {
    return tiles.getOrDefault(new Tile.Id(level, index), new Tile()).width();
  }

  @Test
  void anIndexBeyondTheTreeIsRefused() {
    Tree tree = grown(10);
    assertThatThrownBy(() -> tree.inclusionProof(10)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tree.inclusionProof(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tree.consistencyProof(11))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(tree.consistencyProof(0)).isEmpty();
    assertThat(tree.consistencyProof(10)).isEmpty();
    assertThatThrownBy(() -> TreeEdge.of(300, this::find))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("lacks");
  }
}
