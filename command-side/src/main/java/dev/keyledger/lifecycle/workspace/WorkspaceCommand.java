package dev.keyledger.lifecycle.workspace;

import dev.keyledger.events.Actor;
import dev.keyledger.events.KeyId;
import dev.keyledger.lifecycle.LedgerCommand;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A command about one workspace. */
public sealed interface WorkspaceCommand extends LedgerCommand<WorkspaceDecision>
    permits WorkspaceCommand.OpenWorkspace,
        WorkspaceCommand.ChangePolicy,
        WorkspaceCommand.CloseWorkspace,
        WorkspaceCommand.EraseContexts,
        WebhookCommand {
  /** The form of a workspace's name. */
  Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{1,62}");

  String workspace();

  /** Returns that all are known: the outcome depends on no other workspace. */
  @Override
  default long workspacesKnown() {
    return ALL_WORKSPACES;
  }

  /**
   * Open a workspace.
   *
   * @param policy the fields of its policy that differ from the default
   */
  record OpenWorkspace(String workspace, PolicyChange policy) implements WorkspaceCommand {
    /**
     * @throws IllegalArgumentException if the name has another form
     */
    public OpenWorkspace {
      if (!NAME.matcher(workspace).matches()) {
        throw new IllegalArgumentException(
            "must be 2 to 63 characters of a-z 0-9 -, the first a letter");
      }
    }
  }

  /**
   * Set some fields of a workspace's policy.
   *
   * @param expectedVersions the versions, one of which the workspace must have; null: any
   */
  record ChangePolicy(String workspace, @Nullable Set<Long> expectedVersions, PolicyChange policy)
      implements WorkspaceCommand {}

  /**
   * Close a workspace permanently.
   *
   * @param expectedVersions the versions, one of which the workspace must have; null: any
   */
  record CloseWorkspace(String workspace, @Nullable Set<Long> expectedVersions)
      implements WorkspaceCommand {}

  /**
   * Erase the contexts of events by an actor or on a key.
   *
   * @param actor null: those on the key
   * @param keyId null: those by the actor
   * @param positions the positions of the events; empty if none has a context that can be erased
   * @param workspacesKnown the position of the last event of any workspace before the search for
   *     these events: a later one may be an erasure
   */
  record EraseContexts(
      String workspace,
      @Nullable Actor actor,
      @Nullable KeyId keyId,
      List<Long> positions,
      long workspacesKnown)
      implements WorkspaceCommand {
    public EraseContexts {
      positions = List.copyOf(positions);
    }
  }
}
