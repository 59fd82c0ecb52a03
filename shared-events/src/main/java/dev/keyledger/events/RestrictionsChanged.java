package dev.keyledger.events;

import java.util.List;

/**
 * The addresses from which a key is good changed.
 *
 * @param ipAllowList all CIDR ranges in force from now on; empty: any address
 */
@WireType(name = "RestrictionsChanged", version = 1)
public record RestrictionsChanged(List<String> ipAllowList) implements KeyEvent.ChangesCondition {
  public RestrictionsChanged {
    ipAllowList = List.copyOf(ipAllowList);
  }
}
