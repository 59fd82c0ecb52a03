package dev.keyledger.http.request;

import dev.keyledger.access.Caller;
import dev.keyledger.http.ProblemException;

/** A limit on the commands of a caller. Thread-safe. */
@FunctionalInterface
public interface CommandQuota {
  /**
   * Counts a command.
   *
   * @throws ProblemException with {@code rate-limited} if there have been too many
   */
  void count(Caller caller);
}
