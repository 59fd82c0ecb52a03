package dev.keyledger.events;

import org.jspecify.annotations.Nullable;

/**
 * The sender of a command.
 *
 * @param type the kind of actor
 * @param id the id of the key of an operator or a holder; null for all other types
 */
public record Actor(ActorType type, @Nullable String id) {
  /** The bearer of the root key. */
  public static final Actor ROOT = new Actor(ActorType.ROOT, null);

  /** A caller without a credential. */
  public static final Actor ANONYMOUS = new Actor(ActorType.ANONYMOUS, null);

  /** Keyledger itself. */
  public static final Actor SYSTEM = new Actor(ActorType.SYSTEM, null);

  /** Returns the form used in filters, {@code type} or {@code type:id}. */
  @Override
  public String toString() {
    return id == null ? type.toString() : type + ":" + id;
  }
}
