package dev.keyledger.projection;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list.
 *
 * @param entries what it holds, in the list's order
 * @param next where the next part begins; null at the end
 * @param position the position that the projection stood at
 */
public record Page<E, C>(List<E> entries, @Nullable C next, long position) {
  public Page {
    entries = List.copyOf(entries);
  }

  /**
   * The page of entries of which one more than wanted was read, to see whether there is more.
   *
   * @param cursor where the part after an entry begins
   */
  public static <E, C> Page<E, C> of(
      List<E> readOneMore, int limit, Function<E, C> cursor, long position) {
    if (readOneMore.size() <= limit) {
      return new Page<>(readOneMore, null, position);
    }
    List<E> entries = readOneMore.subList(0, limit);
    return new Page<>(entries, cursor.apply(entries.getLast()), position);
  }

  /** The same page of other entries. */
  public <F> Page<F, C> map(Function<E, F> mapping) {
    return new Page<>(entries.stream().map(mapping).toList(), next, position);
  }
}
