package dev.keyledger.lifecycle;

import dev.keyledger.events.LedgerEvent;
import java.util.List;

/** The outcome of a command. */
public sealed interface Outcome {

  /**
   * It is carried out.
   *
   * @param events what happens; empty if everything already is as ordered
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
   * It is refused, and nothing happens.
   *
   * @param reason the rule that refuses it
   * @param detail what to do about it, in words for people
   */
  record Rejected(Reason reason, String detail) implements Outcome {
    /** The key has changed since the caller read it. */
    public static final Rejected VERSION_MISMATCH =
        new Rejected(
            Reason.VERSION_MISMATCH,
            "The key has another version than If-Match names; read it again.");

    /** The workspace is closed. */
    public static final Rejected WORKSPACE_CLOSED =
        new Rejected(
            Reason.WORKSPACE_CLOSED, "The workspace is closed, and takes nothing but revocations.");

    /** The secret is or was one of another key. */
    public static final Rejected DIGEST_ALREADY_KNOWN =
        new Rejected(Reason.DIGEST_ALREADY_KNOWN, "A key with this secret was known already.");
  }

  /** The rules that refuse commands, in the order in which they are checked. */
  enum Reason {
    NOT_FOUND,
    VERSION_MISMATCH,
    INVALID_FIELD,
    LIFETIME_NOT_ALLOWED,
    PERMISSION_NOT_ALLOWED,
    EXPIRY_WOULD_SHORTEN,
    PERMISSION_CEILING,
    WORKSPACE_CLOSED,
    KEY_REVOKED,
    KEY_EXPIRED,
    KEY_NOT_SUSPENDED,
    ROTATION_IN_PROGRESS,
    RENEWAL_WINDOW_CLOSED,
    QUOTA_EXCEEDED,
    WORKSPACE_EXISTS,
    DIGEST_ALREADY_KNOWN,
    CONFLICT
  }
}
