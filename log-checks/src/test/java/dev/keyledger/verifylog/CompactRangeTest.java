package dev.keyledger.verifylog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The tree against the vectors of Certificate Transparency, and the definitions of RFC 6962. */
class CompactRangeTest {
  private static final int SIZE = 300;
  private static final List<String> CT_INPUTS =
      List.of(
          "",
          "00",
          "10",
          "2021",
          "3031",
          "40414243",
          "5051525354555657",
          "606162636465666768696a6b6c6d6e6f");
  private static final List<String> CT_ROOTS =
      List.of(
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
          "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
          "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
          "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
          "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
          "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
          "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
          "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
          "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

  private final Sha256 sha256 = new Sha256();

  @Test
  void theRootsOfTheVectorOfCertificateTransparency() {
    List<byte[]> leaves = CT_INPUTS.stream().map(HexFormat.of()::parseHex).toList();
    CompactRange tree = new CompactRange();
    for (int size = 0; size <= leaves.size(); size++) {
      tree.watch(size);
    }
    add(tree, leaves);

    for (int size = 0; size <= leaves.size(); size++) {
      assertThat(HexFormat.of().formatHex(tree.rootAt(size))).isEqualTo(CT_ROOTS.get(size));
    }
    assertThat(tree.root()).isEqualTo(tree.rootAt(8));
    assertThat(tree.rootAt(9)).isNull();
  }

  @Test
  void everyRootAndEveryBlockIsAsDefined() {
    List<byte[]> leaves = leaves();
    CompactRange tree = new CompactRange();
    IntStream.rangeClosed(0, SIZE).forEach(tree::watch);
    add(tree, leaves);

    for (int size = 0; size <= SIZE; size++) {
      assertThat(tree.rootAt(size)).isEqualTo(TestLog.root(leaves.subList(0, size)));
    }
    assertThat(tree.blockRoots()).isEqualTo(TestLog.root(leaves.subList(0, CompactRange.BLOCK)));
  }

  @Test
  void everyInclusionProofIsAccepted() {
    List<byte[]> leaves = leaves();
    for (int size = 1; size <= SIZE; size += size < 70 ? 1 : 23) {
      byte[] root = TestLog.root(leaves.subList(0, size));
      for (int index = 0; index < size; index++) {
        assertThat(included(leaves, index, index, size, proof(leaves, index, size), root))
            .as("%d of %d", index, size)
            .isTrue();
      }
    }
  }

  @Test
  void anotherProofIsRefused() {
    List<byte[]> leaves = leaves();
    var random = new Random(7);
    for (int i = 0; i < 1_000; i++) {
      int size = 2 + random.nextInt(SIZE - 1);
      int index = random.nextInt(size);
      byte[] root = TestLog.root(leaves.subList(0, size));
      byte[] proof = proof(leaves, index, size);
      int other = random.nextInt(size);
      byte[] changed = proof.clone();
      changed[random.nextInt(proof.length)] ^= (byte) (1 << random.nextInt(8));
      byte[] shorter = Arrays.copyOf(proof, proof.length - 32);
      byte[] longer = Arrays.copyOf(proof, proof.length + 32);

      assertThat(included(leaves, index, index, size, changed, root)).isFalse();
      assertThat(included(leaves, index, index, size, shorter, root)).isFalse();
      assertThat(included(leaves, index, index, size, longer, root)).isFalse();
      assertThat(included(leaves, index, other, size, proof, root)).isEqualTo(other == index);
      assertThat(included(leaves, other, index, size, proof, root)).isEqualTo(other == index);
      assertThat(included(leaves, index, size, size, proof, root)).isFalse();
      assertThat(included(leaves, index, -1, size, proof, root)).isFalse();
    }
  }

  private boolean included(
      List<byte[]> leaves, int leaf, long index, long size, byte[] proof, byte[] root) {
    byte[] hash = TestLog.sha256(new byte[] {0}, leaves.get(leaf));
    return CompactRange.isIncluded(sha256, hash, index, size, proof, root);
  }

  private static byte[] proof(List<byte[]> leaves, int index, int size) {
    var proof = new ByteArrayOutputStream();
    TestLog.path(index, leaves.subList(0, size)).forEach(proof::writeBytes);
    return proof.toByteArray();
  }

  private void add(CompactRange tree, List<byte[]> leaves) {
    byte[] hash = new byte[Sha256.BYTES];
    for (byte[] leaf : leaves) {
      sha256.leaf(leaf, 0, leaf.length, hash, 0);
      tree.add(hash, 0);
    }
  }

  private static List<byte[]> leaves() {
    var leaves = new ArrayList<byte[]>();
    for (int i = 0; i < SIZE; i++) {
      leaves.add(("leaf " + i).getBytes(UTF_8));
    }
    return leaves;
  }
}
