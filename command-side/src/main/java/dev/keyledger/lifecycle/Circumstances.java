package dev.keyledger.lifecycle;

import dev.keyledger.access.Ceiling;
import dev.keyledger.access.Workspaces;
import dev.keyledger.events.WorkspacePolicy;
import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Under what circumstances a command is given: all that a decision may depend on beside the key.
 *
 * @param workspace the workspace that the caller acts in
 * @param expectedVersions the versions of which the key must have one ({@code If-Match}); null: any
 * @param now the time of the command
 * @param policy the policy in force in the workspace
 * @param ceiling what the caller may put on keys
 * @param closed whether the workspace is closed
 * @param keys how many keys the workspace holds that are not revoked, about
 * @param workspacesKnown the position of the last event of any workspace that is taken into account
 *     here
 */
public record Circumstances(
    String workspace,
    @Nullable Set<Long> expectedVersions,
    Instant now,
    WorkspacePolicy policy,
    Ceiling ceiling,
    boolean closed,
    long keys,
    long workspacesKnown) {

  /** In a workspace that is open, has no keys and never changes. */
  public Circumstances(
      String workspace,
      @Nullable Set<Long> expectedVersions,
      Instant now,
      WorkspacePolicy policy,
      Ceiling ceiling) {
    this(workspace, expectedVersions, now, policy, ceiling, false, 0, Long.MAX_VALUE);
  }

  /** In a workspace as the node knows it. */
  public static Circumstances of(
      Workspaces.Terms terms, @Nullable Set<Long> expectedVersions, Instant now, Ceiling ceiling) {
    return new Circumstances(
        terms.workspace().workspace(),
        expectedVersions,
        now,
        terms.workspace().policy(),
        ceiling,
        terms.workspace().isClosed(),
        terms.keys(),
        terms.knownTo());
  }

  /** The same once the workspace has so many keys more. */
  Circumstances withMoreKeys(long more) {
    return new Circumstances(
        workspace, expectedVersions, now, policy, ceiling, closed, keys + more, workspacesKnown);
  }
}
