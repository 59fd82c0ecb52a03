package dev.keyledger.lifecycle;

/** Updates what this node knows about workspaces to the head of the log. */
@FunctionalInterface
public interface WorkspaceCatchUp {
  /**
   * Waits until this node knows all workspace events in the log; throws if that takes too long.
   */
  void catchUp();
}
