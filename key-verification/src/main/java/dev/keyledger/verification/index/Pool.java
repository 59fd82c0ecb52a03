package dev.keyledger.verification.index;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Values that many keys share, prepared once and stored by number.
 *
 * <p>A pool is bounded and never evicts. A value that finds no room is stored in each record and
 * prepared at each read. The first half of the room is given to any value; the second half only to
 * values that occur again, so that values that never recur cannot fill it.
 *
 * <p>One thread writes, any number of threads read. A value is in the pool before a record with its
 * number is published.
 *
 * @param <K> the form in the events
 * @param <V> the prepared form
 */
final class Pool<K, V> {
  /** The maximum number of values in a pool. */
  static final int SIZE_MAX = 65_536;

  /** The maximum number of characters of all values together. */
  static final int CHARS_MAX = 1 << 24;

  private static final int SEEN_SIZE = 1 << 14;

  /** How values of a kind are prepared, measured and serialized. */
  record Kind<K, V>(
      Function<K, V> make,
      Function<V, K> key,
      ToIntFunction<K> chars,
      BiConsumer<PackedWriter, K> write,
      Function<PackedReader, K> read) {}

  private final Kind<K, V> kind;
  private final int sizeMax;
  private final Map<K, Integer> numbers = new HashMap<>();
  private final PagedArray<V> values = new PagedArray<>();
  private long chars;
  private int @Nullable [] seen;

  /** What was written last: most keys share their workspace, reminders and the like. */
  private @Nullable K last;

  private int lastNumber;

  Pool(Kind<K, V> kind, int sizeMax) {
    this.kind = kind;
    this.sizeMax = sizeMax;
  }

  /** Writes the number of a value, or 0 and the value itself. */
  void write(PackedWriter writer, K key) {
    if (key.equals(last)) {
      writer.number(lastNumber + 1L);
      return;
    }
    Integer number = numbers.get(key);
    if (number == null) {
      // Prepare it in any case, so that an invalid value is rejected here.
      V value = kind.make.apply(key);
      if (!hasRoomFor(key)) {
        writer.number(0);
        kind.write.accept(writer, key);
        return;
      }
      number = addValue(key, value);
    }
    last = key;
    lastNumber = number;
    writer.number(number + 1L);
  }

  V read(PackedReader reader) {
    int number = (int) reader.number();
    return number == 0 ? kind.make.apply(kind.read.apply(reader)) : values.get(number - 1);
  }

  /** Returns the number of values in the pool. */
  int size() {
    return values.size();
  }

  /** Writes the first {@code count} values, each as an item. */
  void writeValues(SnapshotOutput out, int count) throws IOException {
    for (int number = 0; number < count; number++) {
      kind.write.accept(out.item(), kind.key.apply(values.get(number)));
      out.endItem();
    }
  }

  /** Reads {@code count} values; they get the same numbers as in the pool that wrote them. */
  void readValues(SnapshotInput in, int count) throws IOException, SnapshotRefusedException {
    for (int i = 0; i < count; i++) {
      K key = kind.read.apply(in.item());
      addValue(key, kind.make.apply(key));
    }
  }

  private int addValue(K key, V value) {
    int number = values.add(value);
    numbers.put(key, number);
    chars += kind.chars.applyAsInt(key);
    return number;
  }

  private boolean hasRoomFor(K key) {
    int length = kind.chars.applyAsInt(key);
    if (numbers.size() >= sizeMax || chars + length > CHARS_MAX) {
      return false;
    }
    return (numbers.size() < sizeMax / 2 && chars < CHARS_MAX / 2) || wasSeen(key.hashCode());
  }

  /** Records the hash, in place of another one; a collision only wastes some room. */
  private boolean wasSeen(int hash) {
    if (seen == null) {
      seen = new int[SEEN_SIZE];
    }
    int place = (hash ^ hash >>> 16) & (SEEN_SIZE - 1);
    boolean before = seen[place] == hash;
    seen[place] = hash;
    return before;
  }
}
