package dev.keyledger.verification.index;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.keyledger.events.SecretUse;
import dev.keyledger.verification.decision.PresentedKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The last uses of the two newest secrets of each key on this node, to the minute. Takes four bytes
 * per key, however often it is used, and four more once a secret of the other parity of generation
 * is used. Values that were not written elsewhere are lost with the process.
 *
 * <p>The secrets of even and of odd generations have numbers of their own, so that the two secrets
 * of an overlap do not displace each other. A number also holds {@value #TAG_BITS} bits of the
 * generation, so that a use before a rotation never counts as one of the new secret.
 *
 * <p>Any number of threads record uses. A repeated use within a minute costs one read; the first in
 * a minute is a compare-and-set. There are no locks and no allocation, except at the first use of a
 * secret in an overlap, and for a page of numbers at the first use of one of its {@value #PAGE}
 * keys. One thread at a time writes.
 */
public final class LastUses {
  /** The unit to which times of use are rounded down. */
  public static final Duration GRAIN = Duration.ofMinutes(1);

  private static final int PAGE_BITS = 13;
  private static final int PAGE = 1 << PAGE_BITS;
  private static final int UNWRITTEN = 1;

  /** Enough until the year 2097. */
  private static final int MINUTE_BITS = 26;

  private static final int MINUTE_MAX = (1 << MINUTE_BITS) - 1;
  private static final int TAG_SHIFT = MINUTE_BITS + 1;
  private static final int TAG_BITS = Integer.SIZE - TAG_SHIFT;
  private static final int TAG_MASK = (1 << TAG_BITS) - 1;

  /** The most first uses in overlaps that wait to be written before all others. */
  static final int FIRST_USES_MAX = 10_000;

  private final KeyIndex index;
  private volatile AtomicReferenceArray<Page> pages = new AtomicReferenceArray<>(0);

  /** Guards only the creation of pages: recording a use never waits for the writer. */
  private final Object opening = new Object();

  /**
   * Places of secrets that were used first on this node while an overlap was open. They are written
   * first, because the end of an overlap may depend on them. What does not fit takes its turn.
   */
  private final BlockingQueue<Integer> firstUses = new LinkedBlockingQueue<>(FIRST_USES_MAX);

  /** The place at which the next round of writing continues. */
  @GuardedBy("this")
  private int next;

  /** Creates the record of uses for the keys of an index. */
  public LastUses(KeyIndex index) {
    this.index = index;
  }

  /**
   * The last uses of some secrets: from the highest bit the tag of the generation, the minute, and
   * the flag for an unwritten value. Zero stands for no use.
   */
  private static final class Page {
    final AtomicIntegerArray values = new AtomicIntegerArray(PAGE);

    /** Whether any of them may be unwritten. */
    volatile boolean unwritten;

    /** Records a use; returns whether it is the first one of the secret. */
    boolean use(int index, int generation, int minute) {
      int value = (tagOf(generation) << TAG_SHIFT) | (minute << 1) | UNWRITTEN;
      for (int before = values.getOpaque(index);
          isNews(before, value);
          before = values.get(index)) {
        if (values.compareAndSet(index, before, value)) {
          unwritten = true;
          return before == 0 || tagIn(before) != tagIn(value);
        }
      }
      return false;
    }

    private static boolean isNews(int before, int value) {
      return minuteIn(before) < minuteIn(value) || tagIn(before) != tagIn(value);
    }
  }

  /** Records that a key passed a check at a time. */
  public void use(PresentedKey found, Instant now) {
    long minute = Math.floorDiv(now.getEpochSecond(), GRAIN.toSeconds());
    int generation = found.generation();
    int place = placeOf(found.slot(), generation);
    int number = place >>> PAGE_BITS;
    Page page = known(number);
    boolean first =
        (page == null ? open(number) : page)
            .use(place & (PAGE - 1), generation, Math.clamp(minute, 0, MINUTE_MAX));
    if (first && generation > 1 && found.hasOverlapAt(now)) {
      var _ = firstUses.offer(place);
    }
  }

  /**
   * Passes unwritten values to a writer: first uses in an overlap first, the others in rotation, so
   * that no secret is repeated before all others had their turn. If the limit is too small, all
   * times become coarser, but none stops advancing.
   *
   * @param max the maximum number of secrets
   * @param write receives the minute of each secret's last use; if it throws, all stay unwritten
   * @return the number of secrets passed
   */
  public synchronized int write(int max, Consumer<Collection<SecretUse>> write) {
    int[] places = unwrittenPlaces(max);
    if (places.length == 0) {
      return 0;
    }
    var values = new int[places.length];
    var uses = new ArrayList<SecretUse>(places.length);
    for (int i = 0; i < places.length; i++) {
      values[i] = valueAt(places[i]);
      uses.add(useOf(places[i], values[i]));
    }
    try {
      write.accept(uses);
    } catch (RuntimeException failed) {
      for (int place : places) {
        page(place).unwritten = true;
      }
      throw failed;
    }
    for (int i = 0; i < places.length; i++) {
      // Stays unwritten if the secret was used again meanwhile.
      page(places[i])
          .values
          .compareAndSet(places[i] & (PAGE - 1), values[i], values[i] & ~UNWRITTEN);
    }
    return places.length;
  }

  private SecretUse useOf(int place, int value) {
    int slot = slotOf(place);
    return new SecretUse(
        index.keyIdAt(slot),
        generationOf(place, value, index.generationAt(slot)),
        Instant.ofEpochSecond(minuteIn(value) * GRAIN.toSeconds()));
  }

  /**
   * Returns the newest generation up to the current one that has the place's parity and the tag.
   */
  private static int generationOf(int place, int value, int current) {
    int parity = (place >>> PAGE_BITS) & 1;
    int newest = (current & 1) == parity ? current : current - 1;
    return newest - 2 * ((tagOf(newest) - tagIn(value)) & TAG_MASK);
  }

  private static int tagOf(int generation) {
    return (generation >>> 1) & TAG_MASK;
  }

  private static int tagIn(int value) {
    return value >>> TAG_SHIFT;
  }

  private static int minuteIn(int value) {
    return (value >>> 1) & MINUTE_MAX;
  }

  /** The pages alternate: a number of slots, with even and then with odd generations. */
  private static int placeOf(int slot, int generation) {
    int page = ((slot >>> PAGE_BITS) << 1) | (generation & 1);
    return (page << PAGE_BITS) | (slot & (PAGE - 1));
  }

  private static int slotOf(int place) {
    int page = place >>> PAGE_BITS;
    return ((page >>> 1) << PAGE_BITS) | (place & (PAGE - 1));
  }

  @GuardedBy("this")
  private int[] unwrittenPlaces(int max) {
    var places = new LinkedHashSet<Integer>();
    while (places.size() < max) {
      Integer first = firstUses.poll();
      if (first == null) {
        break;
      }
      if ((valueAt(first) & UNWRITTEN) != 0) {
        places.add(first);
      }
    }
    addUnwritten(places, max);
    return places.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Adds the next unwritten places in rotation, after one full round at most. */
  @GuardedBy("this")
  private void addUnwritten(Set<Integer> places, int max) {
    int end = pages.length() << PAGE_BITS;
    int place = next < end ? next : 0;
    for (int left = end; left > 0 && places.size() < max; ) {
      Page page = known(place >>> PAGE_BITS);
      int index = place & (PAGE - 1);
      if (page == null || (index == 0 && !page.unwritten)) {
        int skipped = Math.min(left, PAGE - index);
        left -= skipped;
        place = (place + skipped) % end;
        continue;
      }
      if (index == 0) {
        page.unwritten = false; // cleared before the scan: a later use sets it again
      }
      if ((page.values.get(index) & UNWRITTEN) != 0) {
        places.add(place);
      }
      left--;
      place = (place + 1) % end;
    }
    if ((place & (PAGE - 1)) != 0) {
      page(place).unwritten = true; // the rest of this page was not scanned
    }
    next = places.size() < max ? place & -PAGE : place;
  }

  private int valueAt(int place) {
    return page(place).values.get(place & (PAGE - 1));
  }

  private Page page(int place) {
    Page page = known(place >>> PAGE_BITS);
    if (page == null) {
      throw new IllegalStateException("there is no page for place " + place);
    }
    return page;
  }

  /** Returns a page; null if none of its secrets was used yet. */
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
