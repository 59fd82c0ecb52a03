package dev.keyledger.log.axon;

/**
 * Thrown when a command would append nothing, but that was decided on a cached aggregate, which may
 * be older than the log. Nothing was done; the command is to be decided again on the log's state.
 */
public final class StaleDecisionException extends RuntimeException {
  StaleDecisionException() {
    super("decided on a cached aggregate", null, false, false);
  }
}
