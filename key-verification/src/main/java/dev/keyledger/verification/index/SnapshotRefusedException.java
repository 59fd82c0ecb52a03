package dev.keyledger.verification.index;

/** Thrown when a snapshot cannot be trusted or used here; the message gives the reason. */
public final class SnapshotRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * @param reason the predicate of a sentence about the snapshot, such as "ends too early"
   */
  public SnapshotRefusedException(String reason) {
    super(reason);
  }
}
