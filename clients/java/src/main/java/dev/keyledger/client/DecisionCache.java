package dev.keyledger.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * A bounded table of keys by a salted SHA-256 of their secrets. The salt is random and never leaves
 * the table, so that neither says anything about a secret.
 *
 * <p>Changes of keys are numbered. An entry is valid as long as its key has no change with a number
 * above the highest at the time of the request. So an answer that was under way while the key
 * changed is never used. The numbers are stored by the hash of the key's id, so that a change may
 * also invalidate entries of other keys, which only costs another request.
 *
 * <p>A full table evicts an entry that was not used since the hand passed it (the clock algorithm).
 * Thread-safe: entries are found without a lock, and stored under one.
 */
final class DecisionCache {
  private static final int CHANGES_MIN = 1 << 10;
  private static final int CHANGES_MAX = 1 << 20;

  /** The maximum number of used entries that the hand passes before it evicts one. */
  private static final int PASSED_MAX = 1_000;

  /** The length of the salt: one block of SHA-256, which is digested only once. */
  private static final int SALT_BYTES = 64;

  private final Map<Hash, Entry> entries = new ConcurrentHashMap<>();

  /** All entries, in the order of the hand; guarded by itself. */
  private final @Nullable Entry[] places;

  @GuardedBy("places")
  private int hand;

  private final MessageDigest salted = sha256();
  private final AtomicLong numbers = new AtomicLong();
  private final AtomicLongArray changes;
  private volatile long manyChanged;

  /** The salted hash of a secret. */
  record Hash(long a, long b, long c, long d) {
    @Override
    public int hashCode() {
      return (int) a; // as good as any other bits
    }
  }

  /** A key in the table. */
  static final class Entry {
    final CachedKey key;
    final long storedNanos;
    private final Hash hash;
    private final int slot;
    private final long stamp;
    private int place;

    /**
     * True if the entry was used since the clock hand passed it. Approximate: a lost update does no
     * harm.
     */
    private boolean used;

    private Entry(CachedKey key, Hash hash, int slot, long stamp, long nanos) {
      this.key = key;
      this.hash = hash;
      this.slot = slot;
      this.stamp = stamp;
      this.storedNanos = nanos;
    }
  }

  /**
   * @param entriesMax the maximum number of entries, 1 or more
   */
  DecisionCache(int entriesMax) {
    places = new @Nullable Entry[entriesMax];
    int wanted = Math.max(CHANGES_MIN, Math.min(CHANGES_MAX, entriesMax));
    changes = new AtomicLongArray(Integer.highestOneBit(wanted - 1) << 1);
    byte[] salt = new byte[SALT_BYTES];
    new SecureRandom().nextBytes(salt);
    salted.update(salt);
  }

  /** Returns the hash of a secret. */
  Hash hash(String secret) {
    try {
      byte[] digest = ((MessageDigest) salted.clone()).digest(secret.getBytes(UTF_8));
      var longs = ByteBuffer.wrap(digest);
      return new Hash(longs.getLong(), longs.getLong(), longs.getLong(), longs.getLong());
    } catch (CloneNotSupportedException impossible) {
      throw new IllegalStateException("SHA-256 of this JDK cannot be cloned", impossible);
    }
  }

  /** Returns the entry of a secret; null if there is no valid one. */
  @Nullable Entry find(Hash hash) {
    Entry entry = entries.get(hash);
    if (entry == null || !isValid(entry)) {
      return null;
    }
    if (!entry.used) {
      entry.used = true;
    }
    return entry;
  }

  /** Returns the number to {@link #put} an answer with. Taken before the service is asked. */
  long stamp() {
    return numbers.get();
  }

  /** Stores a key. */
  void put(Hash hash, CachedKey key, long stamp, long nanos) {
    var stored = new Entry(key, hash, slot(key.keyId()), stamp, nanos);
    synchronized (places) {
      Entry known = entries.get(hash);
      stored.place = known == null ? freePlace() : known.place;
      places[stored.place] = stored;
      entries.put(hash, stored);
    }
  }

  /** Returns a free place; evicts an entry if there is none. */
  @GuardedBy("places")
  private int freePlace() {
    for (int passed = 0; ; passed++) {
      int place = hand;
      hand = hand + 1 == places.length ? 0 : hand + 1;
      Entry entry = places[place];
      if (entry == null) {
        return place;
      }
      if (!entry.used || !isValid(entry) || passed == PASSED_MAX) {
        entries.remove(entry.hash);
        return place;
      }
      entry.used = false;
    }
  }

  /** Returns whether the key of an entry is unchanged. */
  boolean isValid(Entry entry) {
    return changes.get(entry.slot) <= entry.stamp && manyChanged <= entry.stamp;
  }

  /** Invalidates the entries of a key. */
  void changed(String keyId) {
    changes.accumulateAndGet(slot(keyId), numbers.incrementAndGet(), Math::max);
  }

  /** Invalidates all entries. */
  synchronized void clear() {
    manyChanged = numbers.incrementAndGet();
  }

  /** Returns the number of valid entries. */
  int size() {
    return (int) entries.values().stream().filter(this::isValid).count();
  }

  private int slot(String keyId) {
    int hash = keyId.hashCode();
    return (hash ^ hash >>> 16) & (changes.length() - 1);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }
}
