package dev.keyledger.log.receipts;

/**
 * Whether this node may answer checks. Thread-safe; never waits.
 *
 * <p>A check asks for the term before it looks at anything, and whether that very term still runs
 * when the answer is decided on: whatever froze the process in between, the answer then rests on
 * what the node knew in that term.
 */
public interface Lease {
  /** In no term; nothing may be answered. */
  long NONE = -1;

  /** The term that runs now, 0 or more, or {@link #NONE}. */
  long term();

  /** Whether the term of that number runs now. */
  boolean runs(long term);
}
