package dev.keyledger.events;

/** The reason for which a key was revoked. */
public enum RevocationReason {
  UNSPECIFIED("unspecified"),
  COMPROMISED("compromised"),
  LEAKED("leaked"),
  SUPERSEDED("superseded"),
  OWNER_LEFT("owner-left"),
  NO_LONGER_USED("no-longer-used"),
  POLICY("policy");

  private final String wireName;

  RevocationReason(String wireName) {
    this.wireName = wireName;
  }

  /** Returns the name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }
}
