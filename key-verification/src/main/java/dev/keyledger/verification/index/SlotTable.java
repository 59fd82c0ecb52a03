package dev.keyledger.verification.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.IntToLongFunction;

/**
 * Maps hashes to candidate slots by open addressing over arrays of longs. An entry holds 32 bits of
 * the hash and a slot. The caller compares the content of the slot.
 *
 * <p>One thread adds; any number of threads probe without locks. Entries are never changed or
 * removed. An entry is written with release and read with acquire semantics, so a thread that finds
 * it sees everything that was written before it was added. The table consists of segments that grow
 * one by one: the larger copy is filled before it replaces its segment, also with release and
 * acquire. A reader that still holds the old segment sees everything added before it started.
 */
final class SlotTable {
  private static final int SEGMENTS = 1024;
  private static final int LENGTH_MIN = 8;
  private static final long[] EMPTY = new long[1];
  private static final VarHandle SEGMENT = MethodHandles.arrayElementVarHandle(long[][].class);
  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(long[].class);

  private final long[][] segments = new long[SEGMENTS][];
  private final int[] sizes = new int[SEGMENTS];

  SlotTable() {
    Arrays.fill(segments, EMPTY);
  }

  /**
   * Creates a table with slots 0 to n-1, each under its hash. The slots are first distributed to
   * the segments; then each segment is filled in turn, so that it fits into the processor's cache.
   */
  SlotTable(int slots, IntToLongFunction hashOf) {
    this();
    int length = Math.max(LENGTH_MIN, (int) (slots * 3L / 2 / SEGMENTS));
    for (int slot = 0; slot < slots; slot++) {
      long hash = hashOf.applyAsLong(slot);
      int number = number(hash);
      if (sizes[number] == 0) {
        segments[number] = new long[length];
      } else if (sizes[number] == segments[number].length) {
        segments[number] = Arrays.copyOf(segments[number], longer(sizes[number]));
      }
      segments[number][sizes[number]++] = entry(hash, slot);
    }
    for (int number = 0; number < SEGMENTS; number++) {
      long[] dealt = Arrays.copyOf(segments[number], sizes[number]);
      while (isTooFull(number, sizes[number])) {
        segments[number] = new long[longer(segments[number].length)];
      }
      Arrays.fill(segments[number], 0);
      putAll(segments[number], dealt);
    }
  }

  /** Mixes similar values over all 64 bits (the finalizer of MurmurHash3). */
  static long hash(long bits) {
    long hash = (bits ^ bits >>> 33) * 0xff51afd7ed558ccdL;
    hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
    return hash ^ hash >>> 33;
  }

  /** Adds an entry. Called by one thread. */
  void add(long hash, int slot) {
    int number = number(hash);
    long[] segment = segments[number];
    boolean full = isTooFull(number, sizes[number] + 1);
    if (full) {
      segment = new long[longer(segment.length)];
      putAll(segment, segments[number]);
    }
    put(segment, entry(hash, slot));
    sizes[number]++;
    if (full) {
      SEGMENT.setRelease(segments, number, segment);
    }
  }

  /** Returns the slots that were added with this hash, and possibly a few others. */
  Probe probe(long hash) {
    return new Probe((long[]) SEGMENT.getAcquire(segments, number(hash)), hash);
  }

  /** An iteration over the slots of a hash. */
  static final class Probe {
    private final long[] segment;
    private final long hash;
    private int at;
    private long entry;

    private Probe(long[] segment, long hash) {
      this.segment = segment;
      this.hash = hash;
      this.at = home(segment, hash);
    }

    /** Advances to the next slot; returns false if there is none. */
    boolean next() {
      do {
        entry = (long) ENTRY.getAcquire(segment, at);
        at = at + 1 == segment.length ? 0 : at + 1;
        if (entry == 0) {
          return false;
        }
      } while ((entry ^ hash) >>> 32 != 0);
      return true;
    }

    int slot() {
      return (int) entry - 1;
    }
  }

  private static int number(long hash) {
    return (int) hash & (SEGMENTS - 1);
  }

  /** Only the stored part of the hash decides the place, so that growing needs no other part. */
  private static int home(long[] segment, long hash) {
    return (int) (((hash >>> 32) * segment.length) >>> 32);
  }

  private static void put(long[] segment, long entry) {
    int at = home(segment, entry);
    while (segment[at] != 0) {
      at = at + 1 == segment.length ? 0 : at + 1;
    }
    ENTRY.setRelease(segment, at, entry);
  }

  private static void putAll(long[] segment, long[] entries) {
    for (long entry : entries) {
      if (entry != 0) {
        put(segment, entry);
      }
    }
  }

  private boolean isTooFull(int number, int entries) {
    return entries * 4L > segments[number].length * 3L;
  }

  /** Returns a length larger by a quarter: doubling would waste more memory than it saves work. */
  private static int longer(int length) {
    return Math.max(LENGTH_MIN, length + length / 4);
  }

  private static long entry(long hash, int slot) {
    return (hash & 0xffff_ffff_0000_0000L) | (slot + 1);
  }
}
