package dev.keyledger.events;

/** The environment in which a key is valid; part of the key's string. */
public enum Environment {
  LIVE("live"),
  TEST("test");

  private final String wireName;

  Environment(String wireName) {
    this.wireName = wireName;
  }

  /** Returns the name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }
}
