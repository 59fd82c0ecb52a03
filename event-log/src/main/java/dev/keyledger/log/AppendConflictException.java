package dev.keyledger.log;

import dev.keyledger.events.Digest;
import dev.keyledger.events.StreamId;
import java.util.Set;

/**
 * A unit was not appended, because the log already holds what it wanted to add. Nothing of the unit
 * is in the log; other units are not affected.
 */
public final class AppendConflictException extends RuntimeException {
  /** What was there already. */
  public enum Kind {
    /** An event with that sequence: the state that the unit was decided on is stale. */
    SEQUENCE,
    /** A secret with that digest, of a living or a dead key. */
    DIGEST,
    /** A record of an answer with that id: the same request was carried out in the meantime. */
    IDEMPOTENCY,
    /** A later event of a workspace than the unit was decided with the knowledge of. */
    WORKSPACE
  }

  private final Kind kind;
  private final Set<StreamId> streams;
  private final Set<Digest> digests;

  AppendConflictException(Kind kind, Set<StreamId> streams, Set<Digest> digests) {
    super(
        switch (kind) {
          case SEQUENCE -> "other events came first in one of " + streams;
          case DIGEST -> "a digest of " + streams + " is already known";
          case IDEMPOTENCY -> "the request was answered already";
          case WORKSPACE -> "a workspace changed before " + streams;
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

  /** All streams of the unit, the losing one among them. */
  public Set<StreamId> streams() {
    return streams;
  }

  /** All digests that the unit wanted to add, the colliding one among them; empty if none. */
  public Set<Digest> digests() {
    return digests;
  }
}
