package dev.keyledger.events;

/** The kinds of actors that commands come from. */
public enum ActorType {
  ROOT("root"),
  OPERATOR("operator"),
  HOLDER("holder"),
  SYSTEM("system"),
  ANONYMOUS("anonymous");

  private final String wireName;

  ActorType(String wireName) {
    this.wireName = wireName;
  }

  /** The name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }
}
