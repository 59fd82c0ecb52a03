package dev.keyledger.verifylog;

/** Thrown when a text is not what it must be; the message says in what. */
final class WrongException extends Exception {
  private static final long serialVersionUID = 1L;

  WrongException(String message) {
    super(message);
  }
}
