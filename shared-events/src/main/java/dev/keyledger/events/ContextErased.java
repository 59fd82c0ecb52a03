package dev.keyledger.events;

import org.jspecify.annotations.Nullable;

/**
 * The contexts of events of the workspace were erased, by the append of this event. Contexts of
 * events of this type are never erased: they record who erased the others, and why.
 *
 * @param actor the actor whose events they were; null if those on a key were
 * @param keyId the key whose events they were; null if those by an actor were
 * @param events the number of events, 1 or more
 */
@WireType(name = "ContextErased", version = 1)
public record ContextErased(@Nullable Actor actor, @Nullable String keyId, long events)
    implements WorkspaceEvent {
  /**
   * @throws IllegalArgumentException if it names both an actor and a key, or neither, or no events
   */
  public ContextErased {
    if ((actor == null) == (keyId == null)) {
      throw new IllegalArgumentException("must name either an actor or a key");
    }
    if (events < 1) {
      throw new IllegalArgumentException("must be of 1 event or more");
    }
  }
}
