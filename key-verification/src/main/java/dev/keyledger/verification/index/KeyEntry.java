package dev.keyledger.verification.index;

import static java.util.Objects.requireNonNull;

import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyRotated;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.OverlapStarted;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.PlanCancelled;
import dev.keyledger.events.RestrictionsChanged;
import dev.keyledger.events.SecretRetired;
import dev.keyledger.events.Secrets;
import dev.keyledger.events.StoredSecret;
import dev.keyledger.verification.decision.DecidedBy;
import dev.keyledger.verification.decision.DecisionCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of a key in the index after its latest event: the view, and the events behind it.
 * Stored as a {@link PackedKey}; this form exists only while events are folded and answers written.
 *
 * @param endedSecret the index of the previous secret among the ended ones; {@value
 *     #NO_ENDED_SECRET} in the first generation
 */
record KeyEntry(KeyView view, Provenance provenance, int endedSecret) {
  static final int NO_ENDED_SECRET = -1;

  /**
   * The events behind the decisions on a key.
   *
   * @param issued its first event
   * @param validity the latest that changed its validity
   * @param permissions the latest that set its permissions
   * @param restrictions the latest that set its IP list
   * @param state the latest that suspended, resumed or revoked it, or its first
   * @param ending the event that ended the previous secret or set its end; null in the first
   *     generation
   * @param plan the event that planned a revocation or suspension; null if there is no plan
   */
  record Provenance(
      DecidedBy issued,
      DecidedBy validity,
      DecidedBy permissions,
      DecidedBy restrictions,
      DecidedBy state,
      @Nullable DecidedBy ending,
      @Nullable DecidedBy plan) {

    static Provenance first(DecidedBy first) {
      return new Provenance(first, first, first, first, first, null, null);
    }

    Provenance withValidity(DecidedBy event) {
      return new Provenance(issued, event, permissions, restrictions, state, ending, plan);
    }

    Provenance withPermissions(DecidedBy event) {
      return new Provenance(issued, validity, event, restrictions, state, ending, plan);
    }

    Provenance withRestrictions(DecidedBy event) {
      return new Provenance(issued, validity, permissions, event, state, ending, plan);
    }

    Provenance withState(DecidedBy event) {
      return new Provenance(issued, validity, permissions, restrictions, event, ending, plan);
    }

    Provenance withEnding(@Nullable DecidedBy event) {
      return new Provenance(issued, validity, permissions, restrictions, state, event, plan);
    }

    Provenance withPlan(@Nullable DecidedBy event) {
      return new Provenance(issued, validity, permissions, restrictions, state, ending, event);
    }
  }

  /**
   * Returns the entry after one more event of the key.
   *
   * @param before null before the first event
   * @param endedSecret the index that the ended secret gets if the event is a rotation
   * @throws IllegalStateException if the event cannot follow
   */
  static KeyEntry after(@Nullable KeyEntry before, LoggedEvent logged, int endedSecret) {
    KeyView view = KeyView.after(before == null ? null : before.view, logged);
    if (before == null) {
      return new KeyEntry(view, Provenance.first(DecidedBy.of(logged)), NO_ENDED_SECRET);
    }
    if (!before.view.workspace().equals(view.workspace())) {
      throw new IllegalStateException(view.keyId() + " cannot change its workspace");
    }
    int generation = view.facts().secrets().generation();
    if (logged.event() instanceof KeyEvent.IntroducesSecret
        && generation != before.generation() + 1) {
      throw new IllegalStateException(view.keyId() + " cannot skip to generation " + generation);
    }
    Provenance provenance = before.provenanceAfter(logged, (KeyEvent) logged.event());
    return new KeyEntry(
        view,
        view.state().plan() == null ? provenance.withPlan(null) : provenance,
        logged.event() instanceof KeyEvent.IntroducesSecret ? endedSecret : before.endedSecret);
  }

  int generation() {
    return view.facts().secrets().generation();
  }

  /** Returns the event that ends the previous secret for good when this rotation follows. */
  @Nullable DecidedBy endingAfter(LoggedEvent rotation) {
    return isOverlapOpenAt(rotation) ? DecidedBy.of(rotation) : provenance.ending;
  }

  /**
   * Returns the event behind a decision on this key.
   *
   * @param ending the event that ended the presented secret; null if there is none
   */
  DecidedBy decidedBy(DecisionCode code, @Nullable DecidedBy ending) {
    return switch (code) {
      case REVOKED, SUSPENDED ->
          isRecorded(code) ? provenance.state : requireNonNull(provenance.plan);
      case ROTATED_OUT -> requireNonNull(ending);
      case NOT_YET_ACTIVE, WRONG_ENVIRONMENT -> provenance.issued;
      case IP_NOT_ALLOWED -> provenance.restrictions;
      case INSUFFICIENT_PERMISSIONS -> provenance.permissions;
      case EXPIRED, VALID -> provenance.validity;
      case MALFORMED, NOT_FOUND, ISSUER_INVALID ->
          throw new IllegalArgumentException(code + " is not decided by the key");
    };
  }

  /**
   * Whether an event has put the key into the state that a code is about, and not just the clock.
   */
  private boolean isRecorded(DecisionCode code) {
    return switch (view.state()) {
      case KeyState.Active _ -> false;
      case KeyState.Suspended _ -> code == DecisionCode.SUSPENDED;
      case KeyState.Revoked _ -> true;
    };
  }

  /**
   * Returns the secrets that no command has ended, including those that only the clock has ended.
   */
  List<StoredSecret> secretsInUse() {
    if (view.state() instanceof KeyState.Revoked) {
      return List.of();
    }
    Secrets secrets = view.facts().secrets();
    Secrets.Previous previous = secrets.previous();
    return previous == null
        ? List.of(secrets.current())
        : List.of(secrets.current(), previous.secret());
  }

  private Provenance provenanceAfter(LoggedEvent logged, KeyEvent event) {
    DecidedBy latest = DecidedBy.of(logged);
    return switch (event) {
      case KeyRenewed _ -> provenance.withValidity(latest);
      case PermissionsChanged _ -> provenance.withPermissions(latest);
      case RestrictionsChanged _ -> provenance.withRestrictions(latest);
      case KeyRotated _ -> provenance.withEnding(latest).withValidity(latest);
      case OverlapStarted _, SecretRetired _ ->
          isOverlapOpenAt(logged) ? provenance.withEnding(latest) : provenance;
      case KeyResumed _ -> provenance.withValidity(latest).withState(latest);
      case KeySuspended _, KeyRevoked _ -> provenance.withState(latest);
      case KeyEvent.PlansState _ -> provenance.withPlan(latest);
      case PlanCancelled _,
          KeyEvent.BeginsKey _,
          KeyEvent.ChangesDetails _,
          KeyEvent.RecordsNote _ ->
          provenance;
    };
  }

  /** An overlap that had already expired remains ended by the rotation that opened it. */
  private boolean isOverlapOpenAt(LoggedEvent logged) {
    return view.facts().secrets().previousAliveAt(logged.time()) != null;
  }
}
