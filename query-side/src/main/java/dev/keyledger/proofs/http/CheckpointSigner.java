package dev.keyledger.proofs.http;

import dev.keyledger.log.LogRunner;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Signs checkpoints on this node, if it has the keys. Thread-safe. */
final class CheckpointSigner implements AutoCloseable {
  private final @Nullable LogRunner runner;

  /**
   * @param runner null if this node has no keys
   */
  CheckpointSigner(@Nullable LogRunner runner) {
    this.runner = runner;
  }

  /** Starts signing. Called once. */
  void start() {
    if (runner != null) {
      runner.start();
    }
  }

  /** Returns the failure that stops signing until an operator fixes the cause. */
  Optional<String> failure() {
    return runner == null ? Optional.empty() : runner.failure();
  }

  @Override
  public void close() {
    if (runner != null) {
      runner.close();
    }
  }
}
