package dev.keyledger.launch;

/**
 * Keyledger will not start as it is asked to, and the user can mend that: the message says in a
 * line what is wrong and what to do. {@link Launcher} prints it without a stack trace.
 */
public final class StartupRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /**
   * @param message what is wrong and what to do, for the user's eyes; no secret in it
   */
  public StartupRefusedException(String message) {
    super(message);
  }

  /**
   * @param message what is wrong and what to do, for the user's eyes; no secret in it
   * @param cause what showed it; not printed
   */
  public StartupRefusedException(String message, Throwable cause) {
    super(message, cause);
  }
}
