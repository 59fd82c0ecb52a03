package dev.keyledger.events;

import java.util.List;

/**
 * The addresses from which a key is good changed.
 *
 * @param ipAllowList all CIDR ranges in force from now on; empty: any address
 */
public record RestrictionsChanged(List<String> ipAllowList) implements KeyEvent {
  public RestrictionsChanged {
    ipAllowList = List.copyOf(ipAllowList);
  }
}
