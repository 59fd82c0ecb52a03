package dev.keyledger.verification.index;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.events.KeyId;
import dev.keyledger.verification.decision.PresentedKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The last use of each key on this node, to the minute. Takes four bytes per key, however often it
 * is used. Values that were not written elsewhere are lost with the process.
 *
 * <p>Any number of threads record uses. A repeated use within a minute costs one read; the first in
 * a minute is a compare-and-set. There are no locks and no allocation, except for a page of numbers
 * at the first use of one of its {@value #PAGE} keys. One thread at a time writes.
 */
public final class LastUses {
  /** The unit to which times of use are rounded down. */
  public static final Duration GRAIN = Duration.ofMinutes(1);

  private static final int PAGE_BITS = 13;
  private static final int PAGE = 1 << PAGE_BITS;
  private static final int UNWRITTEN = 1;
  private static final int MINUTE_MAX = Integer.MAX_VALUE >>> 1;

  private final KeyIndex index;
  private volatile AtomicReferenceArray<Page> pages = new AtomicReferenceArray<>(0);

  /** Guards only the creation of pages: recording a use never waits for the writer. */
  private final Object opening = new Object();

  /** The slot at which the next round of writing continues. */
  @GuardedBy("this")
  private int next;

  /** Creates the record of uses for the keys of an index. */
  public LastUses(KeyIndex index) {
    this.index = index;
  }

  /**
   * The last minutes of some keys, each shifted left by one bit, the flag for an unwritten value.
   */
  private static final class Page {
    final AtomicIntegerArray minutes = new AtomicIntegerArray(PAGE);

    /** Whether any of them may be unwritten. */
    volatile boolean unwritten;

    void use(int place, int minute) {
      for (int before = minutes.getOpaque(place);
          before >>> 1 < minute;
          before = minutes.get(place)) {
        if (minutes.compareAndSet(place, before, minute << 1 | UNWRITTEN)) {
          unwritten = true;
          return;
        }
      }
    }
  }

  /** Records that a key passed a check at a time. */
  public void use(PresentedKey found, Instant now) {
    long minute = Math.floorDiv(now.getEpochSecond(), GRAIN.toSeconds());
    int number = found.slot() >>> PAGE_BITS;
    Page page = known(number);
    (page == null ? open(number) : page)
        .use(found.slot() & (PAGE - 1), Math.clamp(minute, 0, MINUTE_MAX));
  }

  /**
   * Passes unwritten values to a writer, in rotation: no key is repeated before all others had
   * their turn. If the limit is too small, all times become coarser, but none stops advancing.
   *
   * @param max the maximum number of keys
   * @param write receives the minute of each key's last use; if it throws, all stay unwritten
   * @return the number of keys passed
   */
  public synchronized int write(int max, Consumer<Map<KeyId, Instant>> write) {
    int[] slots = unwrittenSlots(max);
    if (slots.length == 0) {
      return 0;
    }
    var values = new int[slots.length];
    var uses = new LinkedHashMap<KeyId, Instant>();
    for (int i = 0; i < slots.length; i++) {
      values[i] = page(slots[i]).minutes.get(slots[i] & (PAGE - 1));
      uses.put(
          index.keyIdAt(slots[i]), Instant.ofEpochSecond((values[i] >>> 1) * GRAIN.toSeconds()));
    }
    try {
      write.accept(uses);
    } catch (RuntimeException failed) {
      for (int slot : slots) {
        page(slot).unwritten = true;
      }
      throw failed;
    }
    for (int i = 0; i < slots.length; i++) {
      // Stays unwritten if the key was used again meanwhile.
      page(slots[i])
          .minutes
          .compareAndSet(slots[i] & (PAGE - 1), values[i], values[i] & ~UNWRITTEN);
    }
    return slots.length;
  }

  /** Returns the next unwritten slots in rotation, after one full round at most. */
  @GuardedBy("this")
  private int[] unwrittenSlots(int max) {
    int end = pages.length() << PAGE_BITS;
    var slots = new int[max];
    int count = 0;
    int slot = next < end ? next : 0;
    for (int left = end; left > 0 && count < max; ) {
      Page page = known(slot >>> PAGE_BITS);
      int place = slot & (PAGE - 1);
      if (page == null || (place == 0 && !page.unwritten)) {
        int skipped = Math.min(left, PAGE - place);
        left -= skipped;
        slot = (slot + skipped) % end;
        continue;
      }
      if (place == 0) {
        page.unwritten = false; // cleared before the scan: a later use sets it again
      }
      if ((page.minutes.get(place) & UNWRITTEN) != 0) {
        slots[count++] = slot;
      }
      left--;
      slot = (slot + 1) % end;
    }
    if ((slot & (PAGE - 1)) != 0) {
      page(slot).unwritten = true; // the rest of this page was not scanned
    }
    next = count < max ? slot & -PAGE : slot;
    return Arrays.copyOf(slots, count);
  }

  private Page page(int slot) {
    Page page = known(slot >>> PAGE_BITS);
    if (page == null) {
      throw new IllegalStateException("there is no page for slot " + slot);
    }
    return page;
  }

  /** Returns a page; null if none of its keys was used yet. */
  private @Nullable Page known(int number) {
    AtomicReferenceArray<Page> all = pages;
    return number < all.length() ? all.get(number) : null;
  }

  private Page open(int number) {
    synchronized (opening) {
      Page page = known(number);
      if (page == null) {
        AtomicReferenceArray<Page> all = pages;
        var more = new AtomicReferenceArray<Page>(Math.max(all.length(), number + 1));
        for (int i = 0; i < all.length(); i++) {
          more.set(i, all.get(i));
        }
        page = new Page();
        more.set(number, page);
        pages = more;
      }
      return page;
    }
  }
}
