package dev.keyledger.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * A bounded table of keys by a salted SHA-256 of their secrets. The salt is random and never leaves
 * the table, so that neither says anything about a secret.
 *
 * <p>Each change of a key has a number. An entry is good while no change of its key has a higher
 * number than there was when the service was asked for it: an answer that was on its way while the
 * key changed is never used. The numbers are kept by the hash of the key's id, so that a change may
 * also end entries of other keys, which only costs another request.
 *
 * <p>The table consists of small sets; a full set drops the entry that was not used for longest.
 * Thread-safe, without locks.
 */
final class DecisionCache {
  private static final int WAYS_MAX = 8;
  private static final int CHANGES_MIN = 1 << 10;
  private static final int CHANGES_MAX = 1 << 20;

  /** One block of SHA-256, which is digested once and for all. */
  private static final int SALT_BYTES = 64;

  private final int ways;
  private final int sets;
  private final AtomicReferenceArray<@Nullable Entry> entries;
  private final MessageDigest salted = sha256();
  private final AtomicLong numbers = new AtomicLong();
  private final AtomicLongArray changes;
  private volatile long manyChanged;

  /** The salted hash of a secret. */
  record Hash(long a, long b, long c, long d) {}

  /** A key in the table. */
  static final class Entry {
    final CachedKey key;
    final long storedNanos;
    private final Hash hash;
    private final int slot;
    private final long stamp;

    /** Orders entries by use, roughly: a lost update does no harm. */
    private long usedNanos;

    private Entry(CachedKey key, Hash hash, int slot, long stamp, long nanos) {
      this.key = key;
      this.hash = hash;
      this.slot = slot;
      this.stamp = stamp;
      this.storedNanos = nanos;
      this.usedNanos = nanos;
    }
  }

  /**
   * @param entriesMax the maximum number of entries, 1 or more
   */
  DecisionCache(int entriesMax) {
    ways = Math.min(WAYS_MAX, entriesMax);
    sets = entriesMax / ways;
    entries = new AtomicReferenceArray<>(sets * ways);
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

  /** Returns the entry of a secret; null if there is none that is good. */
  @Nullable Entry find(Hash hash, long nanos) {
    int first = first(hash);
    for (int i = first; i < first + ways; i++) {
      Entry entry = entries.get(i);
      if (entry != null && entry.hash.equals(hash) && isGood(entry)) {
        entry.usedNanos = nanos;
        return entry;
      }
    }
    return null;
  }

  /** Returns the number to {@link #put} an answer with. Taken before the service is asked. */
  long stamp() {
    return numbers.get();
  }

  /** Stores a key. */
  void put(Hash hash, CachedKey key, long stamp, long nanos) {
    var stored = new Entry(key, hash, slot(key.keyId()), stamp, nanos);
    int first = first(hash);
    int place = first;
    long oldest = Long.MAX_VALUE;
    for (int i = first; i < first + ways; i++) {
      Entry entry = entries.get(i);
      if (entry == null || entry.hash.equals(hash) || !isGood(entry)) {
        place = i;
        break;
      }
      if (entry.usedNanos - nanos < oldest) {
        oldest = entry.usedNanos - nanos;
        place = i;
      }
    }
    entries.set(place, stored);
  }

  /** Whether the key of an entry has not changed. */
  boolean isGood(Entry entry) {
    return changes.get(entry.slot) <= entry.stamp && manyChanged <= entry.stamp;
  }

  /** Ends the entries of a key. */
  void changed(String keyId) {
    changes.accumulateAndGet(slot(keyId), numbers.incrementAndGet(), Math::max);
  }

  /** Ends all entries. */
  synchronized void clear() {
    manyChanged = numbers.incrementAndGet();
  }

  /** Returns the number of entries that are good. */
  int size() {
    int size = 0;
    for (int i = 0; i < entries.length(); i++) {
      Entry entry = entries.get(i);
      size += entry != null && isGood(entry) ? 1 : 0;
    }
    return size;
  }

  private int first(Hash hash) {
    return (int) Long.remainderUnsigned(hash.a, sets) * ways;
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
