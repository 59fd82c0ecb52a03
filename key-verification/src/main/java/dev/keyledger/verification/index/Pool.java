package dev.keyledger.verification.index;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Values that many keys have in common, made ready once and written as a number.
 *
 * <p>A pool is bounded and forgets nothing: what finds no room is written out where it is used, and
 * made ready at each reading. The first values are all taken in; once half of the room is gone,
 * only those that were met before, so that values that never come back cannot fill the rest.
 *
 * <p>One thread writes, any number read. A value is in the pool before a record with its number is
 * published.
 *
 * @param <K> what events hold
 * @param <V> what is made of it
 */
final class Pool<K, V> {
  /** The most values of a pool. */
  static final int SIZE_MAX = 65_536;

  /** The most characters that they have together. */
  static final int CHARS_MAX = 1 << 24;

  private static final int MET = 1 << 14;

  /** How values of a kind are made, measured and written out. */
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
  private int @Nullable [] met;

  Pool(Kind<K, V> kind, int sizeMax) {
    this.kind = kind;
    this.sizeMax = sizeMax;
  }

  /** Writes the value as a number, or 0 and the value itself. */
  void write(PackedWriter writer, K key) {
    Integer number = numbers.get(key);
    if (number == null) {
      // Made in any case: a value that cannot be is refused here.
      V value = kind.make.apply(key);
      if (!hasRoomFor(key)) {
        writer.number(0);
        kind.write.accept(writer, key);
        return;
      }
      number = take(key, value);
    }
    writer.number(number + 1L);
  }

  V read(PackedReader reader) {
    int number = (int) reader.number();
    return number == 0 ? kind.make.apply(kind.read.apply(reader)) : values.get(number - 1);
  }

  /** How many values it has taken. */
  int size() {
    return values.size();
  }

  /** Writes so many of its values, the first first, each as an item. */
  void writeValues(SnapshotOutput out, int count) throws IOException {
    for (int number = 0; number < count; number++) {
      kind.write.accept(out.item(), kind.key.apply(values.get(number)));
      out.endItem();
    }
  }

  /** Takes so many values, which get the numbers that they had where they were written. */
  void readValues(SnapshotInput in, int count) throws IOException, SnapshotRefusedException {
    for (int i = 0; i < count; i++) {
      K key = kind.read.apply(in.item());
      take(key, kind.make.apply(key));
    }
  }

  private int take(K key, V value) {
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
    return (numbers.size() < sizeMax / 2 && chars < CHARS_MAX / 2) || wasMet(key.hashCode());
  }

  /** Remembers the hash in the place of another one; two that are alike only cost some room. */
  private boolean wasMet(int hash) {
    if (met == null) {
      met = new int[MET];
    }
    int place = (hash ^ hash >>> 16) & (MET - 1);
    boolean before = met[place] == hash;
    met[place] = hash;
    return before;
  }
}
