package dev.keyledger.proofs.http;

import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.AppliedPosition;
import dev.keyledger.log.proofs.LogProofs;
import dev.keyledger.log.proofs.SignedCheckpoint;
import java.time.Duration;

/** Finds the checkpoint that a request needs. Thread-safe. */
public final class Checkpoints implements AppliedPosition {
  private final LogProofs proofs;

  Checkpoints(LogProofs proofs) {
    this.proofs = proofs;
  }

  /**
   * Returns the last checkpoint.
   *
   * @throws ProblemException with {@code not-yet-applied} before the first one
   */
  public SignedCheckpoint last() {
    return proofs
        .checkpoint()
        .orElseThrow(() ->
            new ProblemException(
                ProblemCode.NOT_YET_APPLIED,
                "There is no checkpoint yet. A node with KEYLEDGER_LOG_KEY_FILE signs them."));
  }

  /**
   * Returns the last checkpoint, if it covers an event.
   *
   * @throws ProblemException with {@code not-yet-applied} if it does not
   */
  SignedCheckpoint covering(long position) {
    SignedCheckpoint last = last();
    if (!last.covers(position)) {
      throw new ProblemException(
          ProblemCode.NOT_YET_APPLIED,
          "No checkpoint covers the event yet. Try again in a second.");
    }
    return last;
  }

  /** Waits until a checkpoint covers the event at a position. */
  @Override
  public boolean await(long position, Duration max) {
    return proofs.awaitCovering(position, max).isPresent();
  }
}
