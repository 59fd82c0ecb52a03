package dev.keyledger.directory;

/**
 * A reason for which a key needs attention. A key may have several. All but {@link #LEAKED} apply
 * to keys that are neither revoked nor expired.
 */
public enum AttentionReason {
  /** The key expires within 7 days, unless its revocation is planned before. */
  EXPIRING_7D("expiring-7d"),
  /** The key expires within 30 days, unless its revocation is planned before. */
  EXPIRING_30D("expiring-30d"),
  /** The key's rotation is complete, and the overlap is still open. */
  CLOSABLE_OVERLAP("closable-overlap"),
  /** The key has no recorded use. */
  NEVER_USED("never-used"),
  /** The key was used, but has no recorded use in the last 90 days. */
  IDLE_90D("idle-90d"),
  /** The key never expires. */
  NO_EXPIRY("no-expiry"),
  /** A leak of one of the key's secrets was reported, whatever the state of the key. */
  LEAKED("leaked");

  private final String wireName;

  AttentionReason(String wireName) {
    this.wireName = wireName;
  }

  /** Returns the name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }
}
