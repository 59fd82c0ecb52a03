package dev.keyledger.access;

import dev.keyledger.events.WorkspacePolicy;
import java.util.Optional;
import java.util.Set;

/** The workspaces that exist, and the policy in force in each. */
public final class Workspaces {
  /** The workspace that exists from the start. */
  public static final String DEFAULT = "default";

  /** All of them. */
  public Set<String> all() {
    return Set.of(DEFAULT);
  }

  /** The policy in force, or empty if there is no such workspace. */
  public Optional<WorkspacePolicy> policyOf(String workspace) {
    return workspace.equals(DEFAULT) ? Optional.of(WorkspacePolicy.DEFAULT) : Optional.empty();
  }
}
