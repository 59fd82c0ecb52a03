package dev.keyledger.directory;

/**
 * Why somebody should look at a key. A key may have several of them. All but {@link #LEAKED} are of
 * keys that are neither revoked nor expired.
 */
public enum Attention {
  /** It expires within 7 days, unless it is planned to be revoked before. */
  EXPIRING_7D("expiring-7d"),
  /** It expires within 30 days, unless it is planned to be revoked before. */
  EXPIRING_30D("expiring-30d"),
  /** Its rotation is complete, and the overlap is still open. */
  CLOSABLE_OVERLAP("closable-overlap"),
  /** As far as was written, it was never used. */
  NEVER_USED("never-used"),
  /** It was used, but as far as was written not in the last 90 days. */
  IDLE_90D("idle-90d"),
  /** It never expires. */
  NO_EXPIRY("no-expiry"),
  /** A leak was reported of one of its secrets, whatever became of the key. */
  LEAKED("leaked");

  private final String wireName;

  Attention(String wireName) {
    this.wireName = wireName;
  }

  /** Returns the name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }
}
