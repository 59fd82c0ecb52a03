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
public record KeyDescribed(String name, Map<String, String> metadata) implements KeyEvent {
  public KeyDescribed {
    metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
  }
}
