package dev.keyledger.log.proofs;

import java.util.List;

/**
 * A published checkpoint.
 *
 * @param origin names the log and its keys
 * @param size how many events it covers: those at the positions up to it
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
