package dev.keyledger.lifecycle.axon;

import com.github.benmanes.caffeine.cache.Caffeine;
import dev.keyledger.events.KeyFacts;
import dev.keyledger.events.KeyView;
import dev.keyledger.log.axon.AppendUnit;
import java.util.Collection;
import org.axonframework.common.Registration;
import org.axonframework.common.caching.Cache;
import org.jspecify.annotations.Nullable;

/**
 * A cache of the aggregates of the keys that commands changed last, so that the next command on one
 * of them need not read it. An entry may be outdated by another node. The log rejects an append
 * that rests on outdated state, and {@link AppendUnit} verifies every other outcome. A command that
 * must not rest on the cache neither reads nor writes it.
 *
 * <p>Safe for use by many threads. Axon's lock on a key guards its aggregate.
 */
final class RecentKeys implements Cache {
  /** The maximum number of keys in the cache; the least used one is evicted first. */
  static final int KEYS_MAX = 100_000;

  /** The approximate maximum of bytes for the texts of a cached key. */
  static final int TEXT_BYTES_MAX = 3_000;

  /** The approximate maximum of bytes for a cached key. */
  static final int BYTES_OF_A_KEY = 4_000;

  private static final int PART_OF_HEAP = 10;
  private static final int BYTES_OF_AN_EMPTY_TEXT = 50;

  private final com.github.benmanes.caffeine.cache.Cache<Object, Object> keys;

  /**
   * @param keysMax the maximum number of keys in the cache
   */
  RecentKeys(int keysMax) {
    // Its housekeeping is small; handing it to a pool of threads would cost more.
    keys = Caffeine.newBuilder().maximumSize(keysMax).executor(Runnable::run).build();
  }

  /** Returns the number of keys that a process caches, in a tenth of a heap of that size. */
  static int keysMaxOf(long heapBytes) {
    return (int) Math.min(KEYS_MAX, heapBytes / PART_OF_HEAP / BYTES_OF_A_KEY);
  }

  /** Evicts a key if it is large: a hundred thousand large keys would take too much memory. */
  void removeIfLarge(KeyView key) {
    if (textBytesOf(key.facts()) > TEXT_BYTES_MAX) {
      remove(key.keyId().value());
    }
  }

  private static int textBytesOf(KeyFacts key) {
    return textBytesOf(key.metadata().keySet())
        + textBytesOf(key.metadata().values())
        + textBytesOf(key.permissions())
        + textBytesOf(key.ipAllowList());
  }

  private static int textBytesOf(Collection<String> texts) {
    int bytes = 0;
    for (String text : texts) {
      bytes += BYTES_OF_AN_EMPTY_TEXT + 2 * text.length();
    }
    return bytes;
  }

  @Override
  @SuppressWarnings({
    "unchecked",
    "TypeParameterUnusedInFormals"
  }) // the signature of Axon's interface
  public <K, V> @Nullable V get(K key) {
    AppendUnit unit = AppendUnit.current();
    if (unit != null && !unit.usesCache()) {
      return null;
    }
    V found = (V) keys.getIfPresent(key);
    if (unit != null && found != null) {
      unit.markCached();
    }
    return found;
  }

  @Override
  public void put(Object key, Object value) {
    AppendUnit unit = AppendUnit.current();
    if (unit == null || unit.usesCache()) {
      keys.put(key, value);
    } else {
      remove(key);
    }
  }

  @Override
  public boolean putIfAbsent(Object key, Object value) {
    return keys.asMap().putIfAbsent(key, value) == null;
  }

  @Override
  public boolean remove(Object key) {
    return keys.asMap().remove(key) != null;
  }

  @Override
  public void removeAll() {
    keys.invalidateAll();
  }

  @Override
  public boolean containsKey(Object key) {
    return keys.asMap().containsKey(key);
  }

  /**
   * @throws UnsupportedOperationException always: the cache has no listeners
   */
  @Override
  public Registration registerCacheEntryListener(EntryListener cacheEntryListener) {
    throw new UnsupportedOperationException("this cache has no listeners");
  }
}
