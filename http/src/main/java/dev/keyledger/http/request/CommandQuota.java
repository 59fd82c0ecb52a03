package dev.keyledger.http.request;

import dev.keyledger.access.Caller;
import dev.keyledger.http.ProblemException;

/** Limits how many commands a caller may send. Thread-safe. */
@FunctionalInterface
public interface CommandQuota {
  /**
   * Counts a command.
   *
   * @throws ProblemException with {@code rate-limited} if there have been too many
   */
  void count(Caller caller);
}
