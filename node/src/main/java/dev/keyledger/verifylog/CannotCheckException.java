package dev.keyledger.verifylog;

/** Thrown when nothing can be proven or refuted; the message is for the user. */
final class CannotCheckException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CannotCheckException(String message) {
    super(message);
  }
}
