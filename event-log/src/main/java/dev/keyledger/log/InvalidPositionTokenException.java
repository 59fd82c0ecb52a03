package dev.keyledger.log;

/** Thrown for a text that is not a position token of this store in its current incarnation. */
public final class InvalidPositionTokenException extends RuntimeException {
  InvalidPositionTokenException() {
    super("not a position token of this store");
  }
}
