package dev.keyledger.log;

/** A text that is no position token of this store in its present incarnation. */
public final class InvalidPositionTokenException extends RuntimeException {
  InvalidPositionTokenException() {
    super("not a position token of this store");
  }
}
