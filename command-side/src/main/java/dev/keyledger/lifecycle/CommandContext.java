package dev.keyledger.lifecycle;

import dev.keyledger.access.Ceiling;
import dev.keyledger.access.Workspaces;
import dev.keyledger.events.WorkspacePolicy;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The input to the decision about a command besides the key.
 *
 * @param workspace the workspace that the caller acts in
 * @param expectedVersions the versions, one of which the key must have ({@code If-Match}); null:
 *     any
 * @param now the time of the command
 * @param policy the policy in force in the workspace
 * @param ceiling the most that the caller may put on keys
 * @param closed whether the workspace is closed
 * @param keys the approximate number of keys in the workspace that are not revoked
 * @param workspacesKnown the position of the last event of any workspace that is taken into account
 */
public record CommandContext(
    String workspace,
    @Nullable Set<Long> expectedVersions,
    Instant now,
    WorkspacePolicy policy,
    Ceiling ceiling,
    boolean closed,
    long keys,
    long workspacesKnown) {

  /** Returns the context of a command in an open workspace that has no keys and never changes. */
  public CommandContext(
      String workspace,
      @Nullable Set<Long> expectedVersions,
      Instant now,
      WorkspacePolicy policy,
      Ceiling ceiling) {
    this(workspace, expectedVersions, now, policy, ceiling, false, 0, LedgerCommand.ALL_WORKSPACES);
  }

  /** Returns the context of a command in a workspace as the node knows it. */
  public static CommandContext of(
      Workspaces.InForce inForce,
      @Nullable Set<Long> expectedVersions,
      Instant now,
      Ceiling ceiling) {
    return new CommandContext(
        inForce.workspace().workspace(),
        expectedVersions,
        now,
        inForce.workspace().policy(),
        ceiling,
        inForce.workspace().isClosed(),
        inForce.keys(),
        inForce.knownTo());
  }

  /** Returns the same context for another key, of any version. */
  public CommandContext ofAnyVersion() {
    return new CommandContext(workspace, null, now, policy, ceiling, closed, keys, workspacesKnown);
  }

  /** Returns the same context after the workspace got so many more keys. */
  CommandContext withMoreKeys(long more) {
    return new CommandContext(
        workspace, expectedVersions, now, policy, ceiling, closed, keys + more, workspacesKnown);
  }
}
