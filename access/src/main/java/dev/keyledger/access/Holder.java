package dev.keyledger.access;

import dev.keyledger.conditions.Permission;
import dev.keyledger.conditions.PermissionSet;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.HolderAction;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.verification.decision.PresentedKey;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The presenter of a key, who asks about that key or changes it.
 *
 * @param key the key, alive, suspended, or expired and still renewable
 */
public record Holder(PresentedKey key) {
  private static final Permission RENEW_ITSELF = new Permission("keyledger:self:renew");
  private static final Permission ROTATE_ITSELF = new Permission("keyledger:self:rotate");

  /** Returns the holder as the ledger records it. */
  public Actor actor() {
    return new Actor(ActorType.HOLDER, key.keyId().value());
  }

  /** Returns the holder as the sender of a request. Its commands on its own key need no ceiling. */
  public Caller asCaller() {
    return new Caller(actor(), key.workspace(), Ceiling.NONE);
  }

  /**
   * Returns the actions that the holder of a key can take at a time: those that are {@link
   * #allowed}, except a rotation during an overlap, and a rotation of an expired key that the
   * holder may not renew.
   *
   * @param allowed the actions that the policy of the key's workspace allows
   */
  public static List<HolderAction> may(KeyView key, List<HolderAction> allowed, Instant now) {
    List<HolderAction> granted = allowed(key, allowed, now);
    boolean overlap = key.facts().secrets().previousAliveAt(now) != null;
    boolean staysExpired =
        key.facts().validity().isExpiredAt(now) && !granted.contains(HolderAction.RENEW_EXPIRED);
    return overlap || staysExpired
        ? granted.stream().filter(action -> action != HolderAction.ROTATE).toList()
        : granted;
  }

  /**
   * Returns the actions that the holder of a key is allowed to take at a time, by the policy (which
   * allows nothing to an operator's key) and by the key's own permissions. The renewal of an
   * expired key is a separate action. A suspended or revoked key allows nothing.
   *
   * @param allowed the actions that the policy of the key's workspace allows
   */
  public static List<HolderAction> allowed(KeyView key, List<HolderAction> allowed, Instant now) {
    if (!(key.state().at(now) instanceof KeyState.Active)) {
      return List.of();
    }
    PermissionSet held = PermissionSet.of(key.facts().permissions());
    boolean isOperators = held.permissions().stream().anyMatch(Permission::isOperators);
    Set<HolderAction> granted =
        allowed.isEmpty() || isOperators
            ? EnumSet.noneOf(HolderAction.class)
            : EnumSet.copyOf(allowed);
    boolean expired = key.facts().validity().isExpiredAt(now);
    if (expired) {
      granted.remove(HolderAction.RENEW);
    } else {
      granted.remove(HolderAction.RENEW_EXPIRED);
      grant(HolderAction.RENEW, held.holds(RENEW_ITSELF), granted);
      grant(HolderAction.ROTATE, held.holds(ROTATE_ITSELF), granted);
    }
    return List.copyOf(granted);
  }

  private static void grant(HolderAction action, boolean held, Set<HolderAction> granted) {
    if (held) {
      granted.add(action);
    }
  }
}
