package dev.keyledger.events;

/** Where a key is good; part of the key's string. */
public enum Environment {
  LIVE("live"),
  TEST("test");

  private final String wireName;

  Environment(String wireName) {
    this.wireName = wireName;
  }

  /** The name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }
}
