package dev.keyledger.events;

import java.util.List;

/**
 * A key's permissions changed.
 *
 * @param added the patterns that it did not hold before, sorted
 * @param removed the patterns that it holds no longer, sorted
 */
public record PermissionsChanged(List<String> added, List<String> removed) implements KeyEvent {
  public PermissionsChanged {
    added = List.copyOf(added);
    removed = List.copyOf(removed);
  }
}
