package dev.keyledger.events;

import java.util.List;

/**
 * A key's permissions changed.
 *
 * @param added the patterns that it did not hold before, sorted
 * @param removed the patterns that it no longer holds, sorted
 */
@WireType(name = "PermissionsChanged", version = 1)
public record PermissionsChanged(List<String> added, List<String> removed)
    implements KeyEvent.ChangesCondition {
  public PermissionsChanged {
    added = List.copyOf(added);
    removed = List.copyOf(removed);
  }
}
