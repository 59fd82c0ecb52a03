package dev.keyledger.events;

/**
 * The state of a key, folded from its events. Expiry is not a state: it follows from the facts and
 * the clock.
 */
public sealed interface KeyState {

  /** The initial state of every key: no event yet. */
  record NotIssued() implements KeyState {
    @Override
    public Issued evolve(KeyEvent event) {
      return switch (event) {
        case KeyImported imported when imported.revocationReason() != null ->
            new Revoked(KeyFacts.of(imported), imported.revocationReason());
        case KeyEvent.BeginsKey first -> new Active(KeyFacts.of(first));
        case KeyEvent.ChangesSecrets _,
            KeyEvent.ChangesState _,
            KeyEvent.ChangesCondition _,
            KeyEvent.ChangesDetails _,
            KeyEvent.RecordsNote _ ->
            throw new IllegalStateException("a key cannot begin with " + event);
      };
    }
  }

  /** A key that exists. */
  sealed interface Issued extends KeyState {
    KeyFacts facts();

    @Override
    Issued evolve(KeyEvent event);
  }

  /** A key that can be suspended, resumed and revoked. */
  sealed interface Living extends Issued {
    /** Returns the same state with other facts. */
    Living with(KeyFacts facts);

    @Override
    default Issued evolve(KeyEvent event) {
      KeyFacts facts = facts().after(event);
      return switch (event) {
        case KeySuspended _ -> new Suspended(facts);
        case KeyResumed _ -> new Active(facts);
        case KeyRevoked revoked -> new Revoked(facts, revoked.revocationReason());
        case KeyEvent.BeginsKey _,
            KeyEvent.ChangesSecrets _,
            KeyEvent.ChangesCondition _,
            KeyEvent.ChangesDetails _,
            KeyEvent.RecordsNote _ ->
            with(facts);
      };
    }
  }

  /** Valid, unless the clock says otherwise. */
  record Active(KeyFacts facts) implements Living {
    @Override
    public Active with(KeyFacts changed) {
      return new Active(changed);
    }
  }

  /** Invalid until resumed. */
  record Suspended(KeyFacts facts) implements Living {
    @Override
    public Suspended with(KeyFacts changed) {
      return new Suspended(changed);
    }
  }

  /** Invalid permanently. Later events may still record facts about it. */
  record Revoked(KeyFacts facts, RevocationReason reason) implements Issued {
    @Override
    public Revoked evolve(KeyEvent event) {
      return new Revoked(facts.after(event), reason);
    }
  }

  /**
   * Returns the state after one more event.
   *
   * @throws IllegalStateException if the event cannot follow this state, which no decider allows
   */
  KeyState evolve(KeyEvent event);
}
