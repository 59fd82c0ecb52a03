package dev.keyledger.lifecycle;

import java.util.Optional;

/** The decision about a command, before its events are in the log. */
public interface CommandDecision {
  /** Returns the rejection, if the whole command was rejected; nothing is recorded then. */
  default Optional<Outcome.Rejected> rejected() {
    return Optional.empty();
  }

  /** Returns the position in the log that the result rests on if the command adds no event. */
  long position();
}
