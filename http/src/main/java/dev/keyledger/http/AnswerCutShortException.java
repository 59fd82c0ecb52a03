package dev.keyledger.http;

/**
 * Thrown to end an answer that may be partly sent. The container closes the connection, so that the
 * client does not take the answer for complete.
 *
 * <p>It has no cause. If any cause is a broken connection, even to the database, Spring assumes
 * that the client has left and ends the answer normally.
 */
public final class AnswerCutShortException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public AnswerCutShortException() {
    super("an answer was cut short");
  }
}
