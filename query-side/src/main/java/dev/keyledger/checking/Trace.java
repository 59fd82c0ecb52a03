package dev.keyledger.checking;

import dev.keyledger.conditions.Permission;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyImported;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.PlanCancelled;
import dev.keyledger.events.RestrictionsChanged;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.DecidedBy;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.decision.DecisionCode;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the events behind each condition on a key, from the key's events one after the other. Keeps
 * only the events that the checks may ask for, so that it takes little memory, however many events
 * a key has. Not thread-safe.
 */
final class Trace {
  /** A pattern, and the event that removed it. */
  private record Removed(String pattern, DecidedBy event) {}

  private final Set<Permission> required = new LinkedHashSet<>();
  private final Map<DecisionCode, DecidedBy> behind = new EnumMap<>(DecisionCode.class);

  /** The patterns that the key holds with the events that added them, the latest last. */
  private final Map<String, DecidedBy> held = new LinkedHashMap<>();

  /** The last removed pattern that covered a required permission. */
  private final Map<Permission, Removed> removed = new HashMap<>();

  /** The condition of the latest plan; null if there was no plan. */
  private @Nullable DecisionCode planned;

  private long position;

  /** Adds a check to be explained; before the first event. */
  void prepareFor(Check check) {
    required.addAll(check.allOf());
    required.addAll(check.anyOf());
  }

  /** Adds the next event. */
  void add(LoggedEvent logged) {
    position = logged.position();
    add(DecidedBy.of(logged), (KeyEvent) logged.event());
  }

  /** Returns the position of the last event; 0 before the first. */
  long position() {
    return position;
  }

  /** Returns the reasons for the decision on a check, as of the last event. */
  Explanation explain(Check check, Decision decision) {
    var events = new EnumMap<>(behind);
    put(events, DecisionCode.ROTATED_OUT, decision.endedBy());
    put(events, DecisionCode.ISSUER_INVALID, decision.issuerFault());
    var asked = new LinkedHashSet<>(check.allOf());
    asked.addAll(check.anyOf());
    return new Explanation(check, events, asked.stream().map(this::explain).toList());
  }

  private static void put(
      Map<DecisionCode, DecidedBy> events, DecisionCode condition, @Nullable DecidedBy event) {
    if (event != null) {
      events.put(condition, event);
    }
  }

  private void add(DecidedBy logged, KeyEvent event) {
    switch (event) {
      case KeyImported imported when imported.revokedAt() != null -> {
        begin(logged, imported.permissions());
        behind.put(DecisionCode.REVOKED, logged);
      }
      case KeyEvent.BeginsKey first -> begin(logged, first.permissions());
      case KeyRenewed _ -> behind.put(DecisionCode.EXPIRED, logged);
      case RestrictionsChanged _ -> behind.put(DecisionCode.IP_NOT_ALLOWED, logged);
      case PermissionsChanged changed -> {
        behind.put(DecisionCode.INSUFFICIENT_PERMISSIONS, logged);
        changed.removed().forEach(pattern -> remove(pattern, logged));
        changed.added().forEach(pattern -> hold(pattern, logged));
      }
      case KeySuspended _, KeyResumed _ -> behind.put(DecisionCode.SUSPENDED, logged);
      case KeyRevoked _ -> behind.put(DecisionCode.REVOKED, logged);
      case KeyEvent.PlansState planned -> {
        this.planned = planned.plan().revokes() ? DecisionCode.REVOKED : DecisionCode.SUSPENDED;
        behind.put(this.planned, logged);
      }
      case PlanCancelled _ -> {
        if (planned != null) {
          behind.put(planned, logged);
        }
      }
      case KeyEvent.ChangesSecrets _ -> {
        // The index knows which event ended the presented secret.
      }
      case KeyEvent.ChangesDetails _, KeyEvent.RecordsNote _ -> {
        // No condition depends on these events.
      }
    }
  }

  private void begin(DecidedBy first, List<String> permissions) {
    for (DecisionCode condition :
        List.of(
            DecisionCode.NOT_YET_ACTIVE,
            DecisionCode.EXPIRED,
            DecisionCode.WRONG_ENVIRONMENT,
            DecisionCode.IP_NOT_ALLOWED,
            DecisionCode.INSUFFICIENT_PERMISSIONS)) {
      behind.put(condition, first);
    }
    permissions.forEach(pattern -> hold(pattern, first));
  }

  /** Adds a pattern as the latest one. */
  private void hold(String pattern, DecidedBy event) {
    held.remove(pattern);
    held.put(pattern, event);
  }

  private void remove(String pattern, DecidedBy event) {
    held.remove(pattern);
    if (!required.isEmpty()) {
      var permission = new Permission(pattern);
      required.stream()
          .filter(permission::covers)
          .forEach(covered -> removed.put(covered, new Removed(pattern, event)));
    }
  }

  /**
   * Returns the explanation of a permission: held since the first pattern that covers it now, or
   * not held since the last one that did.
   */
  private Explanation.Required explain(Permission asked) {
    for (Map.Entry<String, DecidedBy> one : held.entrySet()) {
      if (new Permission(one.getKey()).covers(asked)) {
        return new Explanation.Required(asked, true, one.getKey(), one.getValue());
      }
    }
    Removed last = removed.get(asked);
    return last == null
        ? new Explanation.Required(asked, false, null, null)
        : new Explanation.Required(asked, false, last.pattern, last.event);
  }
}
