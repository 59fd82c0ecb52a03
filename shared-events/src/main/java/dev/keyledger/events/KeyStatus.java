package dev.keyledger.events;

/** How a key stands at a point in time. */
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

  /** The name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }
}
