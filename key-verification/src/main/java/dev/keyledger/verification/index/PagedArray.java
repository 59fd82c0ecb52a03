package dev.keyledger.verification.index;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * A list that grows by pages, so that growing copies only the list of pages.
 *
 * <p>One thread adds and sets; any number of threads read without locks. An element is written with
 * release and read with acquire semantics: a thread that reads it sees everything written before
 * it. The thread must also have obtained the index from the writer in such a way.
 */
final class PagedArray<T> {
  private static final int PAGE_BITS = 13;
  private static final int PAGE = 1 << PAGE_BITS;
  private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(Object[].class);

  private volatile Object[][] pages = {};
  private volatile int size;

  @SuppressWarnings("unchecked") // All elements are of type T.
  T get(int index) {
    return (T) ELEMENT.getAcquire(pages[index >>> PAGE_BITS], index & (PAGE - 1));
  }

  /** Replaces an element. */
  void set(int index, T element) {
    ELEMENT.setRelease(pages[index >>> PAGE_BITS], index & (PAGE - 1), element);
  }

  /** Adds an element and returns its index, which is the previous size. */
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

  /** Returns an independent copy of the current elements; for the writer. */
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

  /** Returns the number of elements, all of which are readable. */
  int size() {
    return size;
  }
}
