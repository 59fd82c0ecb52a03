package dev.keyledger.lifecycle.http;

import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.events.WorkspaceView;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A workspace as the API shows it; absent values are left out.
 *
 * @param createdAt null for the one that exists from the start
 */
record WorkspaceResource(
    String workspace,
    String status,
    WorkspacePolicy policy,
    @Nullable Instant createdAt,
    @Nullable Instant closedAt,
    long version) {

  static WorkspaceResource of(WorkspaceView view) {
    return new WorkspaceResource(
        view.workspace(),
        view.isClosed() ? "closed" : "open",
        view.policy(),
        view.openedAt(),
        view.closedAt(),
        view.version());
  }
}
