package dev.keyledger.log.receipts;

/**
 * This node's permission to answer checks, which ends with its term. Thread-safe; never waits.
 *
 * <p>A check reads the term before it looks up anything, and verifies at its decision that the same
 * term is still running. Even if the process was frozen in between, the answer rests on what the
 * node knew in that term.
 */
public interface Lease {
  /** The number without a running term, in which nothing may be answered. */
  long NONE = -1;

  /** Returns the number of the running term, 0 or more, or {@link #NONE}. */
  long term();

  /** Returns whether the term with that number is running. */
  boolean runs(long term);
}
