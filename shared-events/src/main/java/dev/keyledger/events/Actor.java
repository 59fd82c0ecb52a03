package dev.keyledger.events;

import org.jspecify.annotations.Nullable;

/**
 * Who sent a command.
 *
 * @param type what kind of actor it is
 * @param id which one: the id of its key for an operator or a holder; null where the type says all
 */
public record Actor(ActorType type, @Nullable String id) {
  /** The bearer of the root key. */
  public static final Actor ROOT = new Actor(ActorType.ROOT, null);

  /** Whoever presents no credential. */
  public static final Actor ANONYMOUS = new Actor(ActorType.ANONYMOUS, null);

  /** Keyledger itself. */
  public static final Actor SYSTEM = new Actor(ActorType.SYSTEM, null);

  /** The form used in filters, {@code type} or {@code type:id}. */
  @Override
  public String toString() {
    return id == null ? type.toString() : type + ":" + id;
  }
}
