package dev.keyledger.log;

import org.jspecify.annotations.Nullable;

/**
 * The connection was lost in mid-append and the database could not be asked in time: the events may
 * be in the log or not.
 */
public final class OutcomeUnknownException extends RuntimeException {
  public OutcomeUnknownException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
