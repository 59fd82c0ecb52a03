package dev.keyledger.projection;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list.
 *
 * @param entries its entries, in the list's order
 * @param next the cursor of the next part; null at the end
 * @param position the position of the projection when it was read
 */
public record Page<E, C>(List<E> entries, @Nullable C next, long position) {
  public Page {
    entries = List.copyOf(entries);
  }

  /**
   * Returns a page of entries that were read with one more than the limit, to detect a next page.
   *
   * @param cursor returns the place after an entry
   */
  public static <E, C> Page<E, C> of(
      List<E> readOneMore, int limit, Function<E, C> cursor, long position) {
    if (readOneMore.size() <= limit) {
      return new Page<>(readOneMore, null, position);
    }
    List<E> entries = readOneMore.subList(0, limit);
    return new Page<>(entries, cursor.apply(entries.getLast()), position);
  }

  /** Returns the same page with mapped entries. */
  public <F> Page<F, C> map(Function<E, F> mapping) {
    return new Page<>(entries.stream().map(mapping).toList(), next, position);
  }
}
