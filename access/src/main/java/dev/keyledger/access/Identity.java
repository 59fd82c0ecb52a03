package dev.keyledger.access;

import dev.keyledger.events.Actor;
import dev.keyledger.verification.decision.Permission;
import org.jspecify.annotations.Nullable;

/**
 * Whose credential was presented.
 *
 * @param actor how the ledger names them
 * @param workspace the only workspace they act in; null: any
 * @param ceiling what they hold
 */
public record Identity(Actor actor, @Nullable String workspace, Ceiling ceiling) {

  /**
   * Whether they hold one of Keyledger's own permissions.
   *
   * @param permission without the prefix {@code keyledger:}
   */
  public boolean holds(String permission) {
    return ceiling.covers(new Permission("keyledger:" + permission));
  }
}
