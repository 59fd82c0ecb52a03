package dev.keyledger.log.proofs;

import dev.keyledger.events.Digest;
import dev.keyledger.events.Sha256;
import java.util.Base64;
import java.util.UUID;

/**
 * The head of the tree at one size. The verifier, which shares no code with the writer, has its
 * own.
 *
 * @param origin the name of the log, see {@link #originOf}
 * @param size the number of events that it covers
 * @param root the root of the tree
 */
record Checkpoint(String origin, long size, Digest root) {
  /** The checkpoint of the empty tree, which every tree extends. */
  static final Checkpoint NONE = new Checkpoint("", 0, Digest.of(Sha256.of(new byte[0])));

  /** Returns the name of a log: another incarnation is another log. */
  static String originOf(UUID storeId, int incarnation) {
    return "keyledger.dev/log/%s/%d".formatted(storeId, incarnation);
  }

  /**
   * Reads a signed note whose signatures need no check, because it was stored where nobody else
   * writes.
   *
   * @throws IllegalArgumentException if it is not the note of a checkpoint
   */
  static Checkpoint parse(String note) {
    String[] lines = note.split("\n", 4);
    if (lines.length < 4) {
      throw new IllegalArgumentException("a checkpoint has three lines");
    }
    return new Checkpoint(
        lines[0], Long.parseLong(lines[1]), Digest.of(Base64.getDecoder().decode(lines[2])));
  }

  /** Returns the signed text (C2SP tlog-checkpoint). */
  String text() {
    return "%s\n%d\n%s\n"
        .formatted(origin, size, Base64.getEncoder().encodeToString(root.toBytes()));
  }
}
