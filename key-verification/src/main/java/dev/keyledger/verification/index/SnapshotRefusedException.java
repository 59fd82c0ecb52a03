package dev.keyledger.verification.index;

/** A snapshot of an index that is not to be trusted, or not of use here; the message says why. */
public final class SnapshotRefusedException extends Exception {
  private static final long serialVersionUID = 1;

  /**
   * @param reason what follows on the words "the snapshot"
   */
  public SnapshotRefusedException(String reason) {
    super(reason);
  }
}
