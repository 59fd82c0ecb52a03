package dev.keyledger.verification.index;

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
 * When each key was last used on this node, to the minute: four bytes a key, however often it is
 * used. Lost with the process but for what was written elsewhere.
 *
 * <p>Any number of threads note uses. A use in the minute of the one before costs a look at one
 * number; the first in a minute replaces it by compare-and-set. Nothing is locked or allocated but
 * a page of numbers, the first time that one of its {@value #PAGE} keys is used. One thread at a
 * time writes.
 */
public final class LastUses {
  /** What times of use are rounded down to. */
  public static final Duration GRAIN = Duration.ofMinutes(1);

  private static final int PAGE_BITS = 13;
  private static final int PAGE = 1 << PAGE_BITS;
  private static final int UNWRITTEN = 1;
  private static final int MINUTE_MAX = Integer.MAX_VALUE >>> 1;

  private final KeyIndex index;
  private volatile AtomicReferenceArray<Page> pages = new AtomicReferenceArray<>(0);

  /** Guards the making of pages alone: who notes a use never waits for who writes. */
  private final Object opening = new Object();

  /** Where the next round of writing goes on. */
  private int next;

  /** The uses of the keys of that index. */
  public LastUses(KeyIndex index) {
    this.index = index;
  }

  /** The last minutes of some keys, each shifted by the bit that says whether it is unwritten. */
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

  /** Notes that a key was good for somebody at that time. */
  public void use(PresentedKey found, Instant now) {
    long minute = Math.floorDiv(now.getEpochSecond(), GRAIN.toSeconds());
    int number = found.slot() >>> PAGE_BITS;
    Page page = known(number);
    (page == null ? open(number) : page)
        .use(found.slot() & (PAGE - 1), Math.clamp(minute, 0, MINUTE_MAX));
  }

  /**
   * Hands out what was not written yet, in turn: no key comes again before all others had theirs,
   * so that a budget that does not suffice makes all times coarser and none stand still.
   *
   * @param max of how many keys at most
   * @param write gets the minute of each key's last use; if it throws, all stays unwritten
   * @return of how many keys it was handed something
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

  /** The next slots in turn that are unwritten, once round at most. */
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
        page.unwritten = false; // before it is looked at: a use that comes later says so again
      }
      if ((page.minutes.get(place) & UNWRITTEN) != 0) {
        slots[count++] = slot;
      }
      left--;
      slot = (slot + 1) % end;
    }
    if ((slot & (PAGE - 1)) != 0) {
      page(slot).unwritten = true; // a part of it was not looked at since it was said to be written
    }
    next = count < max ? slot & -PAGE : slot;
    return Arrays.copyOf(slots, count);
  }

  private Page page(int slot) {
    Page page = known(slot >>> PAGE_BITS);
    if (page == null) {
      throw new IllegalStateException("there is no page of slot " + slot);
    }
    return page;
  }

  /** The page of that number; null if none of its keys was used yet. */
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
