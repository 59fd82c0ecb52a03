package dev.keyledger.lifecycle;

/**
 * Thrown when a command was decided many times, and each time another command changed the same key
 * or a workspace before the append. Nothing was recorded.
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
