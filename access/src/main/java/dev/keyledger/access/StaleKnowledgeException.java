package dev.keyledger.access;

/** This node has not heard of the log for too long to say whose credential it is. */
public final class StaleKnowledgeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StaleKnowledgeException() {
    super("this node has not heard of the log for too long to know its operators");
  }
}
