package dev.keyledger.verification.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * A list that grows by pages, so that growing copies nothing but the list of pages.
 *
 * <p>One thread adds and sets, any number read without locks. An element is written with release
 * and read with acquire: whoever reads it sees what was written before it was. An index must have
 * come from the writer by such a way, too.
 */
final class PagedArray<T> {
  private static final int PAGE_BITS = 13;
  private static final int PAGE = 1 << PAGE_BITS;
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(Object[].class);

  private volatile Object[][] pages = {};
  private volatile int size;

  @SuppressWarnings("unchecked") // Only a T was ever written.
  T get(int index) {
    return (T) ELEMENT.getAcquire(pages[index >>> PAGE_BITS], index & (PAGE - 1));
  }

  /** Replaces an element. */
  void set(int index, T element) {
    ELEMENT.setRelease(pages[index >>> PAGE_BITS], index & (PAGE - 1), element);
  }

  /** Adds an element, whose index is the size before. */
  int add(T element) {
    int index = size;
    if (index == pages.length << PAGE_BITS) {
      Object[][] more = Arrays.copyOf(pages, pages.length + 1);
      more[pages.length] = new Object[PAGE];
      pages = more;
    }
    set(index, element);
    size = index + 1;
    return index;
  }

  /** A list of its own of the elements that there are now; for the writer. */
  PagedArray<T> copy() {
    var copy = new PagedArray<T>();
    Object[][] copied = pages.clone();
    for (int i = 0; i < copied.length; i++) {
      copied[i] = copied[i].clone();
    }
    copy.pages = copied;
    copy.size = size;
    return copy;
  }

  /** How many elements there are, all of which can be read. */
  int size() {
    return size;
  }
}
