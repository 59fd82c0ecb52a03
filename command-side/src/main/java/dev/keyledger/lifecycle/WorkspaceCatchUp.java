package dev.keyledger.lifecycle;

/** Updates what this node knows about workspaces to the head of the log. */
@FunctionalInterface
public interface WorkspaceCatchUp {
  /**
   * Waits until this node knows all that is in the log of workspaces; throws if that takes long.
   */
  void catchUp();
}
