package dev.keyledger.checking;

import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.RestrictionsChanged;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.DecidedBy;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.decision.DecisionCode;
import dev.keyledger.verification.decision.Permission;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The reasons for a decision on a known key: the events behind the outcome of each condition.
 *
 * @param check the question
 * @param events the events that caused the conditions to be met or not, where there is one: a key
 *     that was never suspended has none for SUSPENDED
 * @param permissions each required permission, once: those of allOf, then those of anyOf
 */
public record Explanation(
    Check check, Map<DecisionCode, DecidedBy> events, List<Required> permissions) {

  /**
   * A required permission.
   *
   * @param pattern the pattern of the key that covers it, or was the last to cover it; null: there
   *     was none
   * @param event the event that added or removed that pattern; null exactly without one
   */
  public record Required(
      Permission permission, boolean held, @Nullable String pattern, @Nullable DecidedBy event) {}

  public Explanation {
    events = Map.copyOf(events);
    permissions = List.copyOf(permissions);
  }

  /**
   * Explains a decision.
   *
   * @param events the key's events, from its first to the one that the decision is based on
   */
  static Explanation of(Check check, Decision decision, List<LoggedEvent> events) {
    var trace = new Trace();
    for (LoggedEvent logged : events) {
      trace.add(DecidedBy.of(logged), (KeyEvent) logged.event());
    }
    trace.put(DecisionCode.ROTATED_OUT, decision.endedBy());
    trace.put(DecisionCode.ISSUER_INVALID, decision.issuerFault());
    var required = new LinkedHashSet<>(check.allOf());
    required.addAll(check.anyOf());
    return new Explanation(check, trace.behind, required.stream().map(trace::permission).toList());
  }

  /** Collects the events behind each condition. */
  private static final class Trace {
    private record Change(boolean held, DecidedBy event) {}

    private final Map<DecisionCode, DecidedBy> behind = new EnumMap<>(DecisionCode.class);
    private final Map<String, Change> patterns = new LinkedHashMap<>();

    void add(DecidedBy logged, KeyEvent event) {
      switch (event) {
        case KeyEvent.BeginsKey first -> begin(logged, first.permissions());
        case KeyRenewed _ -> put(DecisionCode.EXPIRED, logged);
        case RestrictionsChanged _ -> put(DecisionCode.IP_NOT_ALLOWED, logged);
        case PermissionsChanged changed -> {
          put(DecisionCode.INSUFFICIENT_PERMISSIONS, logged);
          changed.removed().forEach(pattern -> change(pattern, false, logged));
          changed.added().forEach(pattern -> change(pattern, true, logged));
        }
        case KeySuspended _, KeyResumed _ -> put(DecisionCode.SUSPENDED, logged);
        case KeyRevoked _ -> put(DecisionCode.REVOKED, logged);
        case KeyEvent.ChangesSecrets _ -> {
          // The index knows which event ended the presented secret.
        }
        case KeyEvent.ChangesDetails _, KeyEvent.RecordsNote _ -> {
          // No condition depends on these events.
        }
      }
    }

    private void begin(DecidedBy first, List<String> permissions) {
      put(DecisionCode.NOT_YET_ACTIVE, first);
      put(DecisionCode.EXPIRED, first);
      put(DecisionCode.WRONG_ENVIRONMENT, first);
      put(DecisionCode.IP_NOT_ALLOWED, first);
      put(DecisionCode.INSUFFICIENT_PERMISSIONS, first);
      permissions.forEach(pattern -> change(pattern, true, first));
    }

    /** Adds a change as the latest one. */
    private void change(String pattern, boolean held, DecidedBy event) {
      patterns.remove(pattern);
      patterns.put(pattern, new Change(held, event));
    }

    void put(DecisionCode condition, @Nullable DecidedBy event) {
      if (event != null) {
        behind.put(condition, event);
      }
    }

    /**
     * Returns whether a permission is held, since the first pattern that covers it now, or not,
     * since the last one that did.
     */
    Required permission(Permission required) {
      Required answer = new Required(required, false, null, null);
      for (Map.Entry<String, Change> one : patterns.entrySet()) {
        if (new Permission(one.getKey()).covers(required)) {
          Change change = one.getValue();
          answer = new Required(required, change.held, one.getKey(), change.event);
          if (change.held) {
            return answer;
          }
        }
      }
      return answer;
    }
  }
}
