package dev.keyledger.events;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A key as folded from its logged events.
 *
 * @param keyId its id
 * @param workspace the tenant
 * @param state its state
 * @param createdAt the log's time of its first event, or the time of its creation elsewhere
 * @param issuedBy the actor who issued or imported it
 * @param revokedAt the log's time of its revocation, the time for which it was planned, or the time
 *     of its revocation elsewhere; null unless revoked
 * @param position the position of its latest event
 * @param sequence the sequence of its latest event
 */
public record KeyView(
    KeyId keyId,
    String workspace,
    KeyState.Issued state,
    Instant createdAt,
    Actor issuedBy,
    @Nullable Instant revokedAt,
    long position,
    long sequence) {

  /**
   * Returns the view after one more of the key's events.
   *
   * @param before null before the first event
   * @throws IllegalStateException if the event cannot follow
   */
  public static KeyView after(@Nullable KeyView before, LoggedEvent logged) {
    if (!(logged.event() instanceof KeyEvent event)) {
      throw new IllegalStateException(logged.event() + " is not an event of a key");
    }
    if (before == null) {
      return begun(logged, new KeyState.NotIssued().evolve(event));
    }
    return new KeyView(
        before.keyId,
        logged.workspace(),
        before.state.evolve(event),
        before.createdAt,
        before.issuedBy,
        event instanceof KeyRevoked ? before.revokedBy(logged.time()) : before.revokedAt,
        logged.position(),
        logged.sequence());
  }

  /**
   * Returns the time of its revocation, if that is not after this time: the event of a plan comes
   * afterwards.
   */
  private Instant revokedBy(Instant time) {
    Plan plan = state.plan();
    return plan != null && plan.revokes() && plan.isInEffectAt(time) ? plan.effectiveAt() : time;
  }

  private static KeyView begun(LoggedEvent logged, KeyState.Issued state) {
    KeyImported imported = logged.event() instanceof KeyImported event ? event : null;
    return new KeyView(
        new KeyId(logged.stream().id()),
        logged.workspace(),
        state,
        imported == null || imported.createdAt() == null ? logged.time() : imported.createdAt(),
        logged.actor(),
        imported == null ? null : imported.revokedAt(),
        logged.position(),
        logged.sequence());
  }

  /** Folds all events of a key; returns null if there are none. */
  public static @Nullable KeyView fold(List<LoggedEvent> events) {
    return after(null, events);
  }

  /** Returns the view after more events; null if there were none at all. */
  public static @Nullable KeyView after(@Nullable KeyView before, List<LoggedEvent> events) {
    KeyView view = before;
    for (LoggedEvent event : events) {
      view = after(view, event);
    }
    return view;
  }

  public KeyFacts facts() {
    return state.facts();
  }

  /** Returns the key at a time: by its events, or by a plan that is in effect. */
  public KeyView at(Instant now) {
    Plan plan = state.plan();
    return plan == null || !plan.isInEffectAt(now)
        ? this
        : new KeyView(
            keyId,
            workspace,
            state.at(now),
            createdAt,
            issuedBy,
            plan.revokes() ? plan.effectiveAt() : null,
            position,
            sequence);
  }

  /** Returns the status at a time: the first one that applies. */
  public KeyStatus statusAt(Instant now) {
    return switch (state.at(now)) {
      case KeyState.Revoked _ -> KeyStatus.REVOKED;
      case KeyState.Suspended _ -> KeyStatus.SUSPENDED;
      case KeyState.Active active -> {
        Validity validity = active.facts().validity();
        if (validity.isNotYetActiveAt(now)) {
          yield KeyStatus.NOT_YET_ACTIVE;
        }
        yield validity.isExpiredAt(now) ? KeyStatus.EXPIRED : KeyStatus.ACTIVE;
      }
    };
  }
}
