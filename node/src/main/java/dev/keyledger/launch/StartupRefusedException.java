package dev.keyledger.launch;

/**
 * Thrown when Keyledger cannot start for a reason that the user can correct. The message states the
 * error and the remedy in one line; it is printed without a stack trace.
 */
public final class StartupRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * @param message the error and the remedy; shown to the user, so it must not contain a secret
   */
  public StartupRefusedException(String message) {
    super(message);
  }

  /**
   * @param message the error and the remedy; shown to the user, so it must not contain a secret
   * @param cause the underlying failure; not printed
   */
  public StartupRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
