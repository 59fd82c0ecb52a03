package dev.keyledger.lifecycle;

/** Brings what this node knows of workspaces up to the log. */
@FunctionalInterface
public interface WorkspaceCatchUp {
  /**
   * Waits until this node knows all that is in the log of workspaces; throws if that takes long.
   */
  void catchUp();
}
