package dev.keyledger.log.axon;

/**
 * Thrown when a command that would append nothing was decided on a cached aggregate, which may be
 * older than the log. Nothing was done; decide the command again on the state of the log.
 */
public final class StaleDecisionException extends RuntimeException {
  StaleDecisionException() {
    super("decided on a cached aggregate", null, false, false);
  }
}
