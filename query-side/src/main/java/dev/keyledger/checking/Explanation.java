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
 * Why a decision on a known key is what it is: the events behind the outcome of each condition.
 *
 * @param check what was asked
 * @param events the event that made a condition be met or not, as far as there is one: a key that
 *     was never suspended has none for SUSPENDED
 * @param permissions each permission that was asked for, once: those of allOf, then those of anyOf
 */
public record Explanation(
    Check check, Map<DecisionCode, DecidedBy> events, List<Required> permissions) {

  /**
   * A permission that was asked for.
   *
   * @param pattern of the key's permissions the one that covers it, or did so last; null: none ever
   * @param event what gave the key that pattern, or took it away; null exactly without one
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
   * @param events the key's, from its first to the one that the decision was made on
   */
  static Explanation of(Check check, Decision decision, List<LoggedEvent> events) {
    var story = new Story();
    for (LoggedEvent logged : events) {
      story.tell(DecidedBy.of(logged), (KeyEvent) logged.event());
    }
    story.put(DecisionCode.ROTATED_OUT, decision.endedBy());
    var required = new LinkedHashSet<>(check.allOf());
    required.addAll(check.anyOf());
    return new Explanation(check, story.behind, required.stream().map(story::permission).toList());
  }

  /** The events behind each condition, as far as they were told. */
  private static final class Story {
    private record Change(boolean held, DecidedBy event) {}

    private final Map<DecisionCode, DecidedBy> behind = new EnumMap<>(DecisionCode.class);
    private final Map<String, Change> patterns = new LinkedHashMap<>();

    void tell(DecidedBy told, KeyEvent event) {
      switch (event) {
        case KeyEvent.BeginsKey first -> begin(told, first.permissions());
        case KeyRenewed _ -> put(DecisionCode.EXPIRED, told);
        case RestrictionsChanged _ -> put(DecisionCode.IP_NOT_ALLOWED, told);
        case PermissionsChanged changed -> {
          put(DecisionCode.INSUFFICIENT_PERMISSIONS, told);
          changed.removed().forEach(pattern -> change(pattern, false, told));
          changed.added().forEach(pattern -> change(pattern, true, told));
        }
        case KeySuspended _, KeyResumed _ -> put(DecisionCode.SUSPENDED, told);
        case KeyRevoked _ -> put(DecisionCode.REVOKED, told);
        case KeyEvent.ChangesSecrets _ -> {
          // The index knows which of them ended the secret that was presented.
        }
        case KeyEvent.ChangesDetails _, KeyEvent.RecordsNote _ -> {
          // No condition depends on what they say.
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

    /** The latest change comes last. */
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
     * Held since the first of the patterns that cover it now, or missing since the last that did.
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
