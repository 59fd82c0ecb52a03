package dev.keyledger.access;

import dev.keyledger.conditions.Permission;
import dev.keyledger.events.Actor;
import org.jspecify.annotations.Nullable;

/**
 * The bearer of a presented credential.
 *
 * @param actor the bearer as the ledger records it
 * @param workspace the only workspace in which the bearer acts; null: any
 * @param ceiling the bearer's permissions
 */
public record Identity(Actor actor, @Nullable String workspace, Ceiling ceiling) {

  /** Returns whether the bearer is the key with that id. */
  public boolean isKey(String keyId) {
    return keyId.equals(actor.id());
  }

  /**
   * Returns whether the bearer holds one of Keyledger's own permissions.
   *
   * @param permission without the prefix {@code keyledger:}
   */
  public boolean holds(String permission) {
    return ceiling.covers(new Permission("keyledger:" + permission));
  }
}
