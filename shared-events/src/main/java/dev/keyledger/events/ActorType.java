package dev.keyledger.events;

/** The kinds of actors that send commands. */
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

  /** Returns whether an actor of this type has an id, which is that of a key. */
  public boolean hasIds() {
    return this == OPERATOR || this == HOLDER;
  }

  /** Returns the name on the wire. */
  @Override
  public String toString() {
    return wireName;
  }
}
