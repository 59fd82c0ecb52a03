package dev.keyledger.verifylog;

/** Thrown when nothing can be proven or refuted; the message is for the user. */
public final class CannotCheckException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message the reason; shown to the user, so it must not contain a secret
   */
  public CannotCheckException(String message) {
    super(message);
  }

  /**
   * @param message the reason; shown to the user, so it must not contain a secret
   * @param cause the underlying failure; not printed
   */
  public CannotCheckException(String message, Throwable cause) {
    super(message, cause);
  }
}
