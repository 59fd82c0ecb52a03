package dev.keyledger.events;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A key got another name or other metadata.
 *
 * @param name the name from now on
 * @param metadata the whole metadata from now on
 */
@WireType(name = "KeyDescribed", version = 1)
public record KeyDescribed(String name, Map<String, String> metadata)
    implements KeyEvent.ChangesDetails {
  public KeyDescribed {
    metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
  }
}
