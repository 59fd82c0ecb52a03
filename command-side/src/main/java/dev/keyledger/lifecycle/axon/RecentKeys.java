package dev.keyledger.lifecycle.axon;

import com.github.benmanes.caffeine.cache.Caffeine;
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
  /** How many keys are remembered; the one used least goes first. */
  static final int KEYS_MAX = 10_000;

  private final com.github.benmanes.caffeine.cache.Cache<Object, Object> keys =
      Caffeine.newBuilder().maximumSize(KEYS_MAX).build();

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
