package dev.keyledger.events;

/**
 * The state of a key, folded from its events. Expiry is not a state: it follows from the facts and
 * the clock.
 */
public sealed interface KeyState {

  /** The initial state of every key: no event yet. */
  record NotIssued() implements KeyState {}

  /** A key that exists. */
  sealed interface Issued extends KeyState {
    KeyFacts facts();

    /** Returns the same state with other facts. */
    Issued with(KeyFacts facts);
  }

  /** Valid, unless the clock says otherwise. */
  record Active(KeyFacts facts) implements Issued {
    @Override
    public Active with(KeyFacts changed) {
      return new Active(changed);
    }
  }

  /** Invalid until resumed. */
  record Suspended(KeyFacts facts) implements Issued {
    @Override
    public Suspended with(KeyFacts changed) {
      return new Suspended(changed);
    }
  }

  /** Invalid permanently. Later events may still record facts about it. */
  record Revoked(KeyFacts facts, RevocationReason reason) implements Issued {
    @Override
    public Revoked with(KeyFacts changed) {
      return new Revoked(changed, reason);
    }
  }

  /**
   * Returns the state after one more event.
   *
   * @throws IllegalStateException if the event cannot follow this state, which no decider allows
   */
  default KeyState evolve(KeyEvent event) {
    return switch (this) {
      case NotIssued _ when event instanceof KeyEvent.BeginsKey first ->
          new Active(KeyFacts.of(first));
      case NotIssued _ -> throw new IllegalStateException("a key cannot begin with " + event);
      case Issued issued -> next(issued, issued.facts().after(event), event);
    };
  }

  private static KeyState next(Issued before, KeyFacts facts, KeyEvent event) {
    return event instanceof KeyEvent.ChangesState change && !(before instanceof Revoked)
        ? switch (change) {
          case KeySuspended _ -> new Suspended(facts);
          case KeyResumed _ -> new Active(facts);
          case KeyRevoked revoked -> new Revoked(facts, revoked.revocationReason());
        }
        : before.with(facts);
  }
}
