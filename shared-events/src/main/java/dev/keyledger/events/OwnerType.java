package dev.keyledger.events;

/** The kinds of owners that a key can have. */
public enum OwnerType {
  APP("app"),
  SERVICE("service"),
  USER("user");

  private final String wireName;

  OwnerType(String wireName) {
    this.wireName = wireName;
  }

  /** The name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }
}
