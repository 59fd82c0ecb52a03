package dev.keyledger.lifecycle.http;

import dev.keyledger.access.Caller;
import dev.keyledger.access.Ceiling;
import dev.keyledger.access.Workspaces;
import dev.keyledger.http.ApiCall;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.lifecycle.Circumstances;
import dev.keyledger.log.AppendConflictException;
import dev.keyledger.log.AppliedLog;
import dev.keyledger.log.LogReader;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Has commands decided by what is in force in their workspace. A node knows its workspaces from the
 * log as far as it has applied it, and asks nobody before a command: the append itself is refused
 * if that was not the newest, and then the command is decided anew. Thread-safe.
 */
final class WorkspaceTerms {
  /** How often a command is decided anew because a workspace changed in between. */
  static final int ATTEMPTS_MAX = 5;

  private static final Duration INDEX_WAIT_MAX = Duration.ofSeconds(2);

  private final Workspaces workspaces;
  private final LogReader log;
  private final AppliedLog tail;
  private final InstantSource clock;

  WorkspaceTerms(Workspaces workspaces, LogReader log, AppliedLog tail, InstantSource clock) {
    this.workspaces = workspaces;
    this.log = log;
    this.tail = tail;
    this.clock = clock;
  }

  /** Says who is calling, in a workspace that exists at the head of the log. */
  Caller authorize(ApiCall call, String permission) {
    try {
      return call.authorize(permission);
    } catch (ProblemException problem) {
      if (problem.code() != ProblemCode.NOT_FOUND) {
        throw problem;
      }
      catchUp();
      return call.authorize(permission);
    }
  }

  /** The circumstances of a command that is given now, as far as this node knows. */
  Circumstances circumstances(Caller caller, @Nullable Set<Long> expectedVersions) {
    return circumstances(caller.workspace(), expectedVersions, caller.ceiling());
  }

  /** Likewise, for whoever is no caller of the API. */
  Circumstances circumstances(
      String workspace, @Nullable Set<Long> expectedVersions, Ceiling ceiling) {
    return Circumstances.of(
        workspaces.termsOf(workspace).orElseThrow(ApiCall::noSuchKey),
        expectedVersions,
        clock.instant(),
        ceiling);
  }

  /**
   * Carries out a command, again if a workspace changed before it was recorded.
   *
   * @param work asks for the circumstances anew each time
   */
  <T> T carryOut(Supplier<T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return work.get();
      } catch (AppendConflictException conflict) {
        if (conflict.kind() != AppendConflictException.Kind.WORKSPACE) {
          throw conflict;
        }
        if (attempt == ATTEMPTS_MAX) {
          throw new ProblemException(
              ProblemCode.CONFLICT, "Workspaces kept changing at the same time; try again.");
        }
        catchUp();
      }
    }
  }

  /**
   * Waits until this node knows all that is in the log of workspaces.
   *
   * @throws ProblemException with {@code not-yet-applied} if it takes too long
   */
  void catchUp() {
    if (!tail.await(log.workspacePosition(), INDEX_WAIT_MAX)) {
      throw new ProblemException(
          ProblemCode.NOT_YET_APPLIED,
          "This node has not caught up with what changed in workspaces; try again.");
    }
  }
}
