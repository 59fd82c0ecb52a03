package dev.keyledger.access.http;

/**
 * Ends an answer of which a part may have left: the connection is ended too, so that what arrived
 * does not look whole.
 */
public final class AnswerCutShortException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public AnswerCutShortException(Throwable cause) {
    super("an answer was cut short: " + cause.getMessage(), cause);
  }
}
