package dev.keyledger.log;

import dev.keyledger.events.Digest;
import dev.keyledger.events.StreamId;
import java.util.Set;

/**
 * Thrown when a unit conflicts with what the log already holds. Nothing of the unit is in the log;
 * other units are not affected.
 */
public final class AppendConflictException extends RuntimeException {
  /** The kind of conflict. */
  public enum Kind {
    /** An event with that sequence: the unit was decided on stale state. */
    SEQUENCE,
    /** A secret with that digest, of an active or a revoked key. */
    DIGEST,
    /** A reminder that is already recorded: the decision did not read the records. */
    REMINDER,
    /** An answer record with that id: the same request was executed concurrently. */
    IDEMPOTENCY,
    /** An event of a workspace that is later than the workspace state behind the decision. */
    WORKSPACE
  }

  private final Kind kind;
  private final Set<StreamId> streams;
  private final Set<Digest> digests;

  AppendConflictException(Kind kind, Set<StreamId> streams, Set<Digest> digests) {
    super(
        switch (kind) {
          case SEQUENCE -> "a concurrent append changed one of " + streams;
          case DIGEST -> "a digest of " + streams + " already exists";
          case REMINDER -> "a reminder of " + streams + " is already recorded";
          case IDEMPOTENCY -> "the request was already answered";
          case WORKSPACE -> "a workspace changed before the append to " + streams;
        });
    this.kind = kind;
    this.streams = Set.copyOf(streams);
    this.digests = Set.copyOf(digests);
  }

  static AppendConflictException ofWorkspace(Set<StreamId> streams) {
    return new AppendConflictException(Kind.WORKSPACE, streams, Set.of());
  }

  public Kind kind() {
    return kind;
  }

  /** Returns all streams of the unit, including the conflicting one. */
  public Set<StreamId> streams() {
    return streams;
  }

  /**
   * Returns all digests that the unit adds, including a conflicting one; empty if there are none.
   */
  public Set<Digest> digests() {
    return digests;
  }
}
