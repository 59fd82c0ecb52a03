package dev.keyledger.checking.http;

import org.jspecify.annotations.Nullable;

/**
 * What queries mean that were read lately: gateways send the same few again and again. Bounded,
 * whatever is sent: a query has one place, in which the latest one stands.
 *
 * <p>Thread-safe without locks: what stands in a place is immutable, and losing it costs a reading.
 */
final class RememberedTerms {
  /** The most queries that are remembered. */
  static final int PLACES = 256;

  /** The longest query that is remembered, in characters. */
  static final int QUERY_CHARS_MAX = 1024;

  private record Remembered(String query, ForwardTerms terms) {}

  private final @Nullable Remembered[] places = new @Nullable Remembered[PLACES];

  /**
   * The terms that a query spells.
   *
   * @throws dev.keyledger.http.ProblemException as {@link ForwardTerms#read}
   */
  ForwardTerms of(@Nullable String query) {
    String text = query == null ? "" : query;
    int hash = text.hashCode();
    int place = (hash ^ hash >>> 16) & (PLACES - 1);
    Remembered last = places[place];
    if (last != null && last.query.equals(text)) {
      return last.terms;
    }
    ForwardTerms terms = ForwardTerms.read(query);
    if (text.length() <= QUERY_CHARS_MAX) {
      places[place] = new Remembered(text, terms);
    }
    return terms;
  }
}
