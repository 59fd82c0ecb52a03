package dev.keyledger.lifecycle;

import dev.keyledger.events.Actor;
import dev.keyledger.events.EventContext;
import dev.keyledger.events.KeyView;
import dev.keyledger.log.AnswerRecord;
import java.util.List;

/** Carries out commands: decides them on the state that the log holds, and records what happens. */
public interface KeyLedger {
  /**
   * Who gives a command, and what is said about it.
   *
   * @param requestId the request that it came by
   */
  record Origin(Actor actor, String requestId, EventContext context) {}

  /** What became of a command. */
  sealed interface Result {}

  /**
   * It was carried out and is durable.
   *
   * @param key the key as the log holds it now
   */
  record Done(KeyView key) implements Result {}

  /** It was refused, and nothing happened. */
  record Refused(Outcome.Rejected rejected) implements Result {}

  /**
   * Carries a command out. Thread-safe; blocks until the outcome is durable.
   *
   * @param answers what is to be kept of the answer if the command is carried out, by the very
   *     append that records it
   * @throws dev.keyledger.log.AppendConflictException if somebody else was faster, time and again,
   *     the secret's digest is known already, an answer was kept already, or a workspace changed
   *     after what the command's circumstances take into account
   * @throws dev.keyledger.log.StoreUnavailableException if nothing was done
   * @throws dev.keyledger.log.OutcomeUnknownException if it is not known whether it was recorded
   */
  Result carryOut(KeyCommand command, Origin origin, List<AnswerRecord> answers);

  /** Carries out a command of which no answer is kept. */
  default Result carryOut(KeyCommand command, Origin origin) {
    return carryOut(command, origin, List.of());
  }
}
