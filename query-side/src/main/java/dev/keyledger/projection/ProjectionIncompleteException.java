package dev.keyledger.projection;

/** Thrown when a projection is being built and would show only a part of its content. */
public final class ProjectionIncompleteException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ProjectionIncompleteException(long position, long shownFrom) {
    super("built up to position %d; shown from position %d on".formatted(position, shownFrom));
  }
}
