package dev.keyledger.events;

/** The status of a key at a point in time. */
public enum KeyStatus {
  REVOKED("revoked"),
  SUSPENDED("suspended"),
  NOT_YET_ACTIVE("not-yet-active"),
  EXPIRED("expired"),
  ACTIVE("active");

  private final String wireName;

  KeyStatus(String wireName) {
    this.wireName = wireName;
  }

  /** Returns the name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }
}
