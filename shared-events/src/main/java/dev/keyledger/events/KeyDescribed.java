package dev.keyledger.events;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The name or the metadata of a key changed.
 *
 * @param name the new name
 * @param metadata the complete new metadata
 */
@WireType(name = "KeyDescribed", version = 1)
public record KeyDescribed(String name, Map<String, String> metadata)
    implements KeyEvent.ChangesDetails {
  public KeyDescribed {
    metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
  }
}
