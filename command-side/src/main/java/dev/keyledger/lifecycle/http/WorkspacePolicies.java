package dev.keyledger.lifecycle.http;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Ceiling;
import dev.keyledger.access.Workspaces;
import dev.keyledger.http.KeyResource;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.lifecycle.CommandContext;
import dev.keyledger.lifecycle.WorkspaceCatchUp;
import dev.keyledger.log.LogReader;
import java.time.InstantSource;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The policies in force in callers' workspaces. A node knows workspaces from the log as far as it
 * has applied it, and reads no more before a command. If that state is outdated, the append is
 * rejected, and the command is decided again. Thread-safe.
 */
final class WorkspacePolicies implements WorkspaceCatchUp {
  private final Workspaces workspaces;
  private final LogReader log;
  private final Freshness freshness;
  private final CommandLimits limits;
  private final InstantSource clock;

  WorkspacePolicies(
      Workspaces workspaces,
      LogReader log,
      Freshness freshness,
      CommandLimits limits,
      InstantSource clock) {
    this.workspaces = workspaces;
    this.log = log;
    this.freshness = freshness;
    this.limits = limits;
    this.clock = clock;
  }

  /** Returns the sender of a command, in a workspace that exists at the head of the log. */
  Caller caller(ApiCall call) {
    try {
      return call.caller();
    } catch (ProblemException problem) {
      if (problem.code() != ProblemCode.NOT_FOUND) {
        throw problem;
      }
      catchUp();
      return call.caller();
    }
  }

  /**
   * Returns the sender of a command on several keys, as {@link #caller(ApiCall)} does.
   *
   * @param keys the number of its keys, or an upper bound
   */
  Caller caller(ApiCall call, int keys) {
    limits.countKeys(call.identified(), keys);
    return caller(call);
  }

  /** Returns the context of a command that is sent now, as far as this node knows. */
  CommandContext context(Caller caller, @Nullable Set<Long> expectedVersions) {
    return context(caller.workspace(), expectedVersions, caller.ceiling());
  }

  /** Returns the context of a command that no caller of the API sends. */
  CommandContext context(String workspace, @Nullable Set<Long> expectedVersions, Ceiling ceiling) {
    return CommandContext.of(
        workspaces.inForce(workspace).orElseThrow(KeyResource::notFound),
        expectedVersions,
        clock.instant(),
        ceiling);
  }

  /**
   * Waits until this node knows all workspace events in the log.
   *
   * @throws ProblemException with {@code not-yet-applied} if it takes too long
   */
  @Override
  public void catchUp() {
    if (!freshness.awaitIndex(log.workspacePosition(), Freshness.INDEX_WAIT_MAX)) {
      throw new ProblemException(
          ProblemCode.NOT_YET_APPLIED,
          "This node has not caught up with what changed in workspaces; try again.");
    }
  }
}
