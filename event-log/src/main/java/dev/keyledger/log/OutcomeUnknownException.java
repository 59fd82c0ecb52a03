package dev.keyledger.log;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when the connection was lost during an append and the database could not be queried in
 * time: the events may or may not be in the log.
 */
public final class OutcomeUnknownException extends RuntimeException {
  public OutcomeUnknownException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
