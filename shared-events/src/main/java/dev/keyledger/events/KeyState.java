package dev.keyledger.events;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a key, folded from its events. Expiry is not a state: it follows from the facts and
 * the clock. {@link Issued#at} applies a plan at a time.
 */
public sealed interface KeyState {

  /** The initial state of every key: no event yet. */
  record NotIssued() implements KeyState {
    @Override
    public Issued evolve(KeyEvent event) {
      return switch (event) {
        case KeyImported imported when imported.revocationReason() != null ->
            new Revoked(KeyFacts.of(imported), imported.revocationReason());
        case KeyEvent.BeginsKey first -> new Active(KeyFacts.of(first), null);
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

    /**
     * Returns the plan that no event has ended yet, which may be in effect; null if there is none.
     */
    @Nullable Plan plan();

    /** Returns the state at a time: that of the events, or of a plan that is in effect. */
    default Issued at(Instant now) {
      Plan plan = plan();
      if (plan == null || !plan.isInEffectAt(now)) {
        return this;
      }
      return plan.revocationReason() == null
          ? new Suspended(facts(), null)
          : new Revoked(facts(), plan.revocationReason());
    }

    /**
     * Returns the validity for reminders of its end: a key that will be revoked before it expires
     * needs none, nor does a revoked one.
     */
    default Validity remindedOf() {
      Plan plan = plan();
      Validity validity = facts().validity();
      Instant expiresAt = validity.expiresAt();
      boolean endsBefore =
          plan != null
              && plan.revokes()
              && expiresAt != null
              && !plan.effectiveAt().isAfter(expiresAt);
      return endsBefore ? Validity.ENDLESS : validity;
    }

    @Override
    Issued evolve(KeyEvent event);
  }

  /** A key that can be suspended, resumed and revoked. */
  sealed interface Living extends Issued {
    /** Returns the same state with other facts and another plan. */
    Living with(KeyFacts facts, @Nullable Plan plan);

    @Override
    default Issued evolve(KeyEvent event) {
      KeyFacts facts = facts().after(event);
      Plan plan = plan();
      return switch (event) {
        // A planned suspension has taken place, even if it is early.
        case KeySuspended _ -> new Suspended(facts, plan != null && plan.revokes() ? plan : null);
        case KeyResumed _ -> new Active(facts, plan);
        case KeyRevoked revoked -> new Revoked(facts, revoked.revocationReason());
        case KeyEvent.PlansState planned -> with(facts, planned.plan());
        case PlanCancelled _ -> with(facts, null);
        case KeyEvent.BeginsKey _,
            KeyEvent.ChangesSecrets _,
            KeyEvent.ChangesCondition _,
            KeyEvent.ChangesDetails _,
            KeyEvent.RecordsNote _ ->
            with(facts, plan);
      };
    }
  }

  /** The state of a key that is valid, unless the clock decides otherwise. */
  record Active(KeyFacts facts, @Nullable Plan plan) implements Living {
    @Override
    public Active with(KeyFacts changed, @Nullable Plan changedPlan) {
      return new Active(changed, changedPlan);
    }
  }

  /** The state of a key that is invalid until resumed. Only a revocation can be planned for it. */
  record Suspended(KeyFacts facts, @Nullable Plan plan) implements Living {
    @Override
    public Suspended with(KeyFacts changed, @Nullable Plan changedPlan) {
      return new Suspended(changed, changedPlan);
    }
  }

  /**
   * The state of a key that is invalid permanently. Later events may still record facts about it.
   */
  record Revoked(KeyFacts facts, RevocationReason reason) implements Issued {
    @Override
    public @Nullable Plan plan() {
      return null;
    }

    @Override
    public Validity remindedOf() {
      return Validity.ENDLESS;
    }

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
