package dev.keyledger.lifecycle;

import java.util.Locale;

/** Counts commands by what they order and by what became of them. Thread-safe. */
@FunctionalInterface
public interface CommandCount {
  /**
   * @param outcome {@code done}, {@code failed} or the name of a rule, in few enough forms to be a
   *     label
   */
  void add(Class<? extends KeyCommand> command, String outcome);

  /** It was carried out, or everything was as ordered. */
  default void done(Class<? extends KeyCommand> command) {
    add(command, "done");
  }

  /** It was refused by a rule. */
  default void refused(Class<? extends KeyCommand> command, Outcome.Rejected rejected) {
    add(command, rejected.reason().name().toLowerCase(Locale.ROOT).replace('_', '-'));
  }

  /** It ended in an exception. */
  default void failed(Class<? extends KeyCommand> command) {
    add(command, "failed");
  }
}
