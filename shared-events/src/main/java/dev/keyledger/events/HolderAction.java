package dev.keyledger.events;

/** An action on their own keys that a policy can allow to holders. */
public enum HolderAction {
  /** The renewal of a key that has not expired. */
  RENEW("renew"),
  /** The renewal of a key that has expired and is still renewable. */
  RENEW_EXPIRED("renew-expired"),
  /** The rotation of a key. */
  ROTATE("rotate");

  private final String wireName;

  HolderAction(String wireName) {
    this.wireName = wireName;
  }

  /** Returns the name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }
}
