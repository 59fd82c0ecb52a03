package dev.keyledger.lifecycle;

/**
 * Thrown when a command was decided many times over, and each time somebody else changed the same
 * key or a workspace before the command was recorded. Nothing was done.
 */
public final class ContentionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param cause the last conflict
   */
  public ContentionException(Throwable cause) {
    super("others kept changing the same key or a workspace", cause);
  }
}
