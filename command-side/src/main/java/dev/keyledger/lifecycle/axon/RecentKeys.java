package dev.keyledger.lifecycle.axon;

import com.github.benmanes.caffeine.cache.Caffeine;
import dev.keyledger.events.KeyFacts;
import dev.keyledger.events.KeyView;
import java.util.Collection;
import org.axonframework.common.Registration;
import org.axonframework.common.caching.Cache;
import org.jspecify.annotations.Nullable;

/**
 * The aggregates of the keys that commands changed last, so that the next command on one of them
 * need not read it. What another node did since is not seen here: the log refuses an append that
 * rests on it, and {@link AxonKeyLedger} trusts no other outcome of such a state.
 *
 * <p>Safe for use by many threads; Axon's lock on a key guards its aggregate.
 */
final class RecentKeys implements Cache {
  /** The most keys that are remembered; the one used least goes first. */
  static final int KEYS_MAX = 100_000;

  /** The most bytes that the texts of a key may take if it is to be remembered, about. */
  static final int TEXT_BYTES_MAX = 3_000;

  /** The most bytes that a key takes which is remembered, about. */
  static final int BYTES_OF_A_KEY = 4_000;

  private static final int PART_OF_HEAP = 10;
  private static final int BYTES_OF_AN_EMPTY_TEXT = 50;

  private final com.github.benmanes.caffeine.cache.Cache<Object, Object> keys;

  /**
   * @param keysMax how many keys are remembered
   */
  RecentKeys(int keysMax) {
    // Its housekeeping is small; handing it to a pool of threads would cost more.
    keys = Caffeine.newBuilder().maximumSize(keysMax).executor(Runnable::run).build();
  }

  /** How many keys are remembered by a process with a heap of that size: a tenth of it. */
  static int keysMaxOf(long heapBytes) {
    return (int) Math.min(KEYS_MAX, heapBytes / PART_OF_HEAP / BYTES_OF_A_KEY);
  }

  /** Forgets the key if it is large: a hundred thousand of those would be too much. */
  void forgetIfLarge(KeyView key) {
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
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // as Axon's interface has it
  public <K, V> @Nullable V get(K key) {
    return (V) keys.getIfPresent(key);
  }

  @Override
  public void put(Object key, Object value) {
    keys.put(key, value);
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
   * @throws UnsupportedOperationException always: nobody here listens
   */
  @Override
  public Registration registerCacheEntryListener(EntryListener cacheEntryListener) {
    throw new UnsupportedOperationException("recent keys tell nobody of their changes");
  }
}
