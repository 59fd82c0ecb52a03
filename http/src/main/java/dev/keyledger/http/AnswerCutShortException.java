package dev.keyledger.http;

/**
 * Ends an answer of which a part may have left: the connection is ended too, so that what arrived
 * does not look whole.
 *
 * <p>Has no cause: Spring takes the end of any connection among the causes, that to the database
 * too, for a client that has left, and would let the answer end as if it were whole.
 */
public final class AnswerCutShortException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public AnswerCutShortException() {
    super("an answer was cut short");
  }
}
