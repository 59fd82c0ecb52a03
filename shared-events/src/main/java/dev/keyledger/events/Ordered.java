package dev.keyledger.events;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Unmodifiable maps that keep the order of their entries, so that an event's bytes are stable. */
final class Ordered {
  private Ordered() {}

  static Map<String, String> copyOf(Map<String, String> map) {
    Map.copyOf(map); // throws on null, as List.copyOf does
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
