package dev.keyledger.cli;

/**
 * Thrown when a command cannot be executed for a reason that the user can correct. The message
 * states the error and the remedy in one line, and holds no secret.
 */
final class RefusedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final ExitCode exitCode;

  RefusedException(ExitCode exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  ExitCode exitCode() {
    return exitCode;
  }
}
