package dev.keyledger.lifecycle;

/** Updates this node's state of workspaces to the head of the log. */
@FunctionalInterface
public interface WorkspaceCatchUp {
  /** Waits until this node knows all workspace events in the log; throws if that takes too long. */
  void catchUp();
}
