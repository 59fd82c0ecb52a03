package dev.keyledger.events;

/** The kinds of owners of a key. */
public enum OwnerType {
  APP("app"),
  SERVICE("service"),
  USER("user");

  private final String wireName;

  OwnerType(String wireName) {
    this.wireName = wireName;
  }

  /** Returns the name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }
}
