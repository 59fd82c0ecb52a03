package dev.keyledger.verifylog;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints with which the roots of a tree are compared.
 *
 * @param previous the earlier one; null: there is none
 */
record Checkpoints(@Nullable Checkpoint previous, Checkpoint given) {
  /** Makes a tree keep the roots that are compared. */
  void watchedBy(CompactRange tree) {
    tree.watch(given.size());
    if (previous != null) {
      tree.watch(previous.size());
    }
  }

  static boolean gives(CompactRange tree, Checkpoint checkpoint) {
    return Arrays.equals(tree.rootAt(checkpoint.size()), checkpoint.root());
  }

  /**
   * Reports the statements that the roots of the events prove.
   *
   * @return whether the events are those that the given checkpoint covers
   */
  boolean prove(CompactRange tree, VerificationReport report) {
    boolean ofGiven = gives(tree, given);
    if (previous != null && !ofGiven && gives(tree, previous)) {
      reportProven(previous, report);
    }
    if (ofGiven) {
      reportProven(given, report);
      if (previous != null && gives(tree, previous)) {
        report.proven(
            "the checkpoint of size %,d extends the previous one, of size %,d"
                .formatted(given.size(), previous.size()));
      } else if (previous != null) {
        report.wrong(
            "the checkpoint of size %,d does not extend the previous one, of size %,d: among the events 1 to %,d at least one was another when that was signed"
                .formatted(given.size(), previous.size(), previous.size()));
      }
    }
    return ofGiven;
  }

  private static void reportProven(Checkpoint checkpoint, VerificationReport report) {
    report.proven(
        checkpoint.size() == 0
            ? "the checkpoint of size 0 is that of a log without events"
            : "the events 1 to %,d are exactly those that the checkpoint of size %,d covers"
                .formatted(checkpoint.size(), checkpoint.size()));
  }

  /** Names the smallest interval of events that do not give the root of the given checkpoint. */
  void reportInterval(CompactRange tree, VerificationReport report) {
    long from = 1;
    long to = given.size();
    if (previous != null && gives(tree, previous)) {
      from = previous.size() + 1;
    } else if (previous != null) {
      to = previous.size();
    }
    report.wrong(
        from > to
            ? "there are two checkpoints of size %,d with different roots".formatted(given.size())
            : "among the events %,d to %,d at least one is not the one that the checkpoint of size %,d covers"
                .formatted(from, to, to));
  }
}
