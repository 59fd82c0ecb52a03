package dev.keyledger.events;

import java.util.List;

/**
 * The addresses from which a key may be used changed.
 *
 * @param ipAllowList the complete new list of CIDR ranges; empty: any address
 */
@WireType(name = "RestrictionsChanged", version = 1)
public record RestrictionsChanged(List<String> ipAllowList) implements KeyEvent.ChangesCondition {
  public RestrictionsChanged {
    ipAllowList = List.copyOf(ipAllowList);
  }
}
