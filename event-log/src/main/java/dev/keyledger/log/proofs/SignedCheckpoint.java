package dev.keyledger.log.proofs;

import java.util.List;

/**
 * A published checkpoint.
 *
 * @param origin the name of the log and of its keys
 * @param size the number of events that it covers, which is the last position
 * @param note the checkpoint with its signatures (C2SP signed-note)
 * @param verifierKeys the keys with which the signatures can be verified
 */
public record SignedCheckpoint(String origin, long size, String note, List<String> verifierKeys) {
  public SignedCheckpoint {
    verifierKeys = List.copyOf(verifierKeys);
  }

  /** Returns whether it covers the event at a position. */
  public boolean covers(long position) {
    return position <= size;
  }
}
