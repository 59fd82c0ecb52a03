package dev.keyledger.log.proofs;

/** Thrown when an event is not the one that was added to the tree: the log was altered. */
public final class AlteredLogException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AlteredLogException(long position) {
    super(
        "the event at position %d is not the one that the checkpoints cover: run verify-log"
            .formatted(position));
  }
}
