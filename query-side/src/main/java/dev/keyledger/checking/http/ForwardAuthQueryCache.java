package dev.keyledger.checking.http;

import org.jspecify.annotations.Nullable;

/**
 * A cache of parsed queries: gateways send the same few again and again. A direct-mapped table
 * limits its size: each query has one slot, which holds the latest one.
 *
 * <p>Thread-safe without locks: an entry is immutable, and a lost entry is parsed again.
 */
final class ForwardAuthQueryCache {
  /** The maximum number of cached queries. */
  static final int SLOTS = 256;

  /** The maximum length of a cached query. */
  static final int QUERY_CHARS_MAX = 1024;

  private record Entry(String text, ForwardAuthQuery query) {}

  private final @Nullable Entry[] slots = new @Nullable Entry[SLOTS];

  /**
   * Returns the content of a query.
   *
   * @throws dev.keyledger.http.ProblemException as {@link ForwardAuthQuery#read}
   */
  ForwardAuthQuery of(@Nullable String query) {
    String text = query == null ? "" : query;
    int hash = text.hashCode();
    int slot = (hash ^ hash >>> 16) & (SLOTS - 1);
    Entry last = slots[slot];
    if (last != null && last.text.equals(text)) {
      return last.query;
    }
    ForwardAuthQuery read = ForwardAuthQuery.read(query);
    if (text.length() <= QUERY_CHARS_MAX) {
      slots[slot] = new Entry(text, read);
    }
    return read;
  }
}
