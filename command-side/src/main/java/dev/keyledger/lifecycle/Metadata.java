package dev.keyledger.lifecycle;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Labels that an issuer attaches to a key; not personal data.
 *
 * @param entries up to {@value #ENTRIES_MAX} texts, names and values together up to {@value
 *     #BYTES_MAX} bytes of UTF-8
 */
public record Metadata(Map<String, String> entries) {
  /** The most entries. */
  public static final int ENTRIES_MAX = 50;

  /** The maximum number of bytes of all names and values together, in UTF-8. */
  public static final int BYTES_MAX = 4096;

  /**
   * @throws IllegalArgumentException if the entries are outside their limits
   */
  public Metadata {
    entries = Map.copyOf(entries);
    if (entries.size() > ENTRIES_MAX) {
      throw new IllegalArgumentException("must have at most " + ENTRIES_MAX + " entries");
    }
    int bytes = 0;
    for (var entry : entries.entrySet()) {
      StorableText.require(entry.getKey());
      StorableText.require(entry.getValue());
      bytes += entry.getKey().getBytes(StandardCharsets.UTF_8).length;
      bytes += entry.getValue().getBytes(StandardCharsets.UTF_8).length;
    }
    if (bytes > BYTES_MAX) {
      throw new IllegalArgumentException("must have at most " + BYTES_MAX + " bytes");
    }
  }
}
