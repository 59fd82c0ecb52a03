package dev.keyledger.events;

/**
 * The state of a key, folded from its events. Expiry is no state: it follows from the facts and the
 * clock.
 */
public sealed interface KeyState {

  /** No event yet: the state that every key begins with. */
  record NotIssued() implements KeyState {}

  /** A key that exists. */
  sealed interface Issued extends KeyState {
    KeyFacts facts();
  }

  /** In use, as far as the clock allows. */
  record Active(KeyFacts facts) implements Issued {}

  /** Out of use until resumed. */
  record Suspended(KeyFacts facts) implements Issued {}

  /** Out of use for ever; later events may still note things about it. */
  record Revoked(KeyFacts facts, RevocationReason reason) implements Issued {}

  /**
   * The state after one more event.
   *
   * @throws IllegalStateException if the event cannot follow on this state, which no decider allows
   */
  default KeyState evolve(KeyEvent event) {
    return switch (this) {
      case NotIssued _ ->
          switch (event) {
            case KeyIssued issued -> new Active(KeyFacts.of(issued));
            case KeyImported imported -> new Active(KeyFacts.of(imported));
            default -> throw new IllegalStateException("a key cannot begin with " + event);
          };
      case Issued issued -> next(issued, issued.facts().after(event), event);
    };
  }

  private static KeyState next(Issued before, KeyFacts facts, KeyEvent event) {
    return switch (before) {
      case Revoked revoked -> new Revoked(facts, revoked.reason());
      case Active _ ->
          switch (event) {
            case KeySuspended _ -> new Suspended(facts);
            case KeyRevoked revoked -> new Revoked(facts, revoked.revocationReason());
            default -> new Active(facts);
          };
      case Suspended _ ->
          switch (event) {
            case KeyResumed _ -> new Active(facts);
            case KeyRevoked revoked -> new Revoked(facts, revoked.revocationReason());
            default -> new Suspended(facts);
          };
    };
  }
}
