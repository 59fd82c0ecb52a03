package dev.keyledger.lifecycle.axon;

import dev.keyledger.lifecycle.LedgerCommand;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ImportKeys;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.axon.StaleDecisionException;

/** The rule by which a command is decided again; docs/adr/0013 says why it is not a library's. */
final class CommandRetry {
  /**
   * The most attempts of a command. With each failed attempt somebody else's command succeeded, so
   * that a few attempts tell a race from a storm.
   */
  static final int ATTEMPTS_MAX = 10;

  private CommandRetry() {}

  /** Returns whether another attempt may succeed, because it sees newer events. */
  static boolean mayHelp(LedgerCommand<?> command, Throwable failure) {
    return switch (failure) {
      case StaleDecisionException _ -> true;
      case AppendConflictException conflict ->
          switch (conflict.kind()) {
            case SEQUENCE, WORKSPACE, REMINDER -> true;
            case DIGEST -> command instanceof ImportKeys; // which looks the digests up again
            case IDEMPOTENCY -> false;
          };
      default -> false;
    };
  }
}
