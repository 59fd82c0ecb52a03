package dev.keyledger.lifecycle;

import dev.keyledger.events.LedgerEvent;
import java.util.List;
import java.util.Set;

/** The outcome of a command. */
public sealed interface Outcome {

  /**
   * The command is executed.
   *
   * @param events the events to record; empty if there is nothing to change
   */
  record Accepted(List<? extends LedgerEvent> events) implements Outcome {
    public Accepted {
      events = List.copyOf(events);
    }

    public static Accepted of(LedgerEvent... events) {
      return new Accepted(List.of(events));
    }
  }

  /**
   * The command is rejected; nothing is recorded.
   *
   * @param reason the rule that rejects it
   * @param detail the remedy, in words for people
   */
  record Rejected(Reason reason, String detail) implements Outcome {
    /**
     * Returns the rejection of a command on another version.
     *
     * @param what the kind of resource
     * @param expected the versions that the caller named; empty if all its tags are weak or foreign
     */
    public static Rejected versionMismatch(String what, Set<Long> expected) {
      return new Rejected(
          Reason.VERSION_MISMATCH,
          expected.isEmpty()
              ? "If-Match names no version of a "
                  + what
                  + ": a weak tag such as W/\"1\" never matches. Send the ETag as it was returned."
              : "The " + what + " has another version than If-Match names; read it again.");
    }

    /** The workspace is closed. */
    public static final Rejected WORKSPACE_CLOSED =
        new Rejected(
            Reason.WORKSPACE_CLOSED,
            "The workspace is closed, and takes nothing but revocations and erasures.");

    /** The secret is or was one of another key. */
    public static final Rejected DIGEST_ALREADY_KNOWN =
        new Rejected(Reason.DIGEST_ALREADY_KNOWN, "A key with this secret was known already.");
  }

  /** The ground on which a rule rejects a command. */
  enum Ground {
    /** The command itself, its target, or the rights of its caller. */
    REQUEST,

    /** The state of the key or the workspace. A closed workspace has precedence over it. */
    STATE,

    /** A field that does not fit the state of the key. The state has precedence over it. */
    FIELD_IN_STATE
  }

  /** The rules that refuse commands. */
  enum Reason {
    NOT_FOUND(Ground.REQUEST),
    VERSION_MISMATCH(Ground.REQUEST),
    INVALID_FIELD(Ground.REQUEST),
    LIFETIME_NOT_ALLOWED(Ground.REQUEST),
    PERMISSION_NOT_ALLOWED(Ground.REQUEST),
    PERMISSION_CEILING(Ground.REQUEST),
    FORBIDDEN(Ground.REQUEST),
    WORKSPACE_CLOSED(Ground.STATE),
    KEY_REVOKED(Ground.STATE),
    KEY_EXPIRED(Ground.STATE),
    KEY_NOT_SUSPENDED(Ground.STATE),
    ROTATION_IN_PROGRESS(Ground.STATE),
    RENEWAL_WINDOW_CLOSED(Ground.STATE),
    NEVER_ACTIVE(Ground.FIELD_IN_STATE),
    EXPIRY_WOULD_SHORTEN(Ground.FIELD_IN_STATE),
    HISTORY_FULL(Ground.STATE),
    QUOTA_EXCEEDED(Ground.STATE),
    WORKSPACE_EXISTS(Ground.STATE),
    DIGEST_ALREADY_KNOWN(Ground.STATE),
    CONFLICT(Ground.STATE);

    private final Ground ground;

    Reason(Ground ground) {
      this.ground = ground;
    }

    public Ground ground() {
      return ground;
    }
  }
}
