package dev.keyledger.access;

/**
 * Thrown when this node has had no contact to the log for too long to authenticate a credential.
 */
public final class StaleKnowledgeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StaleKnowledgeException() {
    super("this node has had no contact to the log for too long to know its operators");
  }
}
