package dev.keyledger.verification.index;

import static java.util.Objects.requireNonNull;

import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.PermissionSet;
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
import dev.keyledger.events.RestrictionsChanged;
import dev.keyledger.events.RevocationPlanned;
import dev.keyledger.events.SecretRetired;
import dev.keyledger.events.SuspensionPlanned;
import dev.keyledger.events.Validity;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.DecidedBy;
import dev.keyledger.verification.decision.DecisionCode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The state of a key, folded from its events according to the contract, without an index. */
record FoldedKey(List<LoggedEvent> events) {
  FoldedKey {
    events = List.copyOf(events);
  }

  KeyView view() {
    return requireNonNull(KeyView.fold(events));
  }

  /** Returns the code of a check of a secret. */
  DecisionCode code(int generation, Check check, Instant now) {
    KeyView view = view();
    Validity validity = view.facts().validity();
    if (view.state().at(now) instanceof KeyState.Revoked) {
      return DecisionCode.REVOKED;
    }
    if (!isAlive(generation, now)) {
      return DecisionCode.ROTATED_OUT;
    }
    if (view.state().at(now) instanceof KeyState.Suspended) {
      return DecisionCode.SUSPENDED;
    }
    if (validity.isNotYetActiveAt(now)) {
      return DecisionCode.NOT_YET_ACTIVE;
    }
    if (validity.isExpiredAt(now)) {
      return DecisionCode.EXPIRED;
    }
    if (!check.environments().contains(view.facts().environment())) {
      return DecisionCode.WRONG_ENVIRONMENT;
    }
    if (!IpAllowList.parse(view.facts().ipAllowList()).contains(check.ip())) {
      return DecisionCode.IP_NOT_ALLOWED;
    }
    PermissionSet held = PermissionSet.of(view.facts().permissions());
    return check.allOf().stream().allMatch(held::holds)
        ? DecisionCode.VALID
        : DecisionCode.INSUFFICIENT_PERMISSIONS;
  }

  boolean isAlive(int generation, Instant now) {
    int current = view().facts().secrets().generation();
    if (generation == current) {
      return true;
    }
    LoggedEvent rotation = rotationThatEnded(generation);
    return generation == current - 1
        && now.isBefore(overlapEnd(rotation, after(rotation)))
        && after(rotation).stream().noneMatch(e -> e.event() instanceof SecretRetired);
  }

  DecidedBy decidedBy(DecisionCode code, int generation) {
    return DecidedBy.of(
        switch (code) {
          case REVOKED ->
              last(
                  view().state() instanceof KeyState.Revoked
                      ? Set.of(KeySuspended.class, KeyResumed.class, KeyRevoked.class)
                      : Set.of(RevocationPlanned.class));
          case SUSPENDED ->
              last(
                  view().state() instanceof KeyState.Suspended
                      ? Set.of(KeySuspended.class, KeyResumed.class)
                      : Set.of(SuspensionPlanned.class));
          case ROTATED_OUT -> ending(generation);
          case NOT_YET_ACTIVE, WRONG_ENVIRONMENT -> events.getFirst();
          case IP_NOT_ALLOWED -> last(Set.of(RestrictionsChanged.class));
          case INSUFFICIENT_PERMISSIONS -> last(Set.of(PermissionsChanged.class));
          case EXPIRED, VALID -> last(Set.of(KeyRenewed.class, KeyResumed.class, KeyRotated.class));
          case MALFORMED, NOT_FOUND, ISSUER_INVALID ->
              throw new IllegalArgumentException(code + " is not decided by the key");
        });
  }

  /** Returns the rotation, or the event that closed its overlap while it was open. */
  private LoggedEvent ending(int generation) {
    LoggedEvent rotation = rotationThatEnded(generation);
    LoggedEvent ending = rotation;
    var seen = new ArrayList<LoggedEvent>();
    for (LoggedEvent event : after(rotation)) {
      boolean open = event.time().isBefore(overlapEnd(rotation, seen));
      seen.add(event);
      if (event.event() instanceof KeyRotated || event.event() instanceof SecretRetired) {
        return open ? event : ending;
      }
      if (event.event() instanceof OverlapStarted && open) {
        ending = event;
      }
    }
    return ending;
  }

  /** Returns the end that a rotation has set, or that an event after it has brought forward. */
  private static Instant overlapEnd(LoggedEvent rotation, List<LoggedEvent> later) {
    return later.stream()
        .filter(e -> e.event() instanceof OverlapStarted)
        .map(e -> ((OverlapStarted) e.event()).overlapEndsAt())
        .reduce(((KeyRotated) rotation.event()).overlapEndsAt(), (a, b) -> a.isBefore(b) ? a : b);
  }

  private LoggedEvent rotationThatEnded(int generation) {
    return events.stream()
        .filter(e -> e.event() instanceof KeyRotated r && r.generation() == generation + 1)
        .findFirst()
        .orElseThrow();
  }

  private List<LoggedEvent> after(LoggedEvent event) {
    return events.subList(events.indexOf(event) + 1, events.size());
  }

  private LoggedEvent last(Set<Class<? extends KeyEvent>> types) {
    return events.reversed().stream()
        .filter(e -> types.contains(e.event().getClass()))
        .findFirst()
        .orElse(events.getFirst());
  }
}
