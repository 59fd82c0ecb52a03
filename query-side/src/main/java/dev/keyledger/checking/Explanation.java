package dev.keyledger.checking;

import dev.keyledger.conditions.Permission;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.DecidedBy;
import dev.keyledger.verification.decision.DecisionCode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The reasons for a decision on a known key: the events behind the outcome of each condition.
 *
 * @param check the question
 * @param events the events that caused the conditions to be met or not, if any: a key that was
 *     never suspended has none for SUSPENDED
 * @param permissions each required permission, once: those of allOf, then those of anyOf
 */
public record Explanation(
    Check check, Map<DecisionCode, DecidedBy> events, List<Required> permissions) {

  /**
   * A required permission.
   *
   * @param pattern the pattern of the key that covers it, or was the last to cover it; null: none
   * @param event the event that added or removed that pattern; null exactly without a pattern
   */
  public record Required(
      Permission permission, boolean held, @Nullable String pattern, @Nullable DecidedBy event) {}

  public Explanation {
    events = Map.copyOf(events);
    permissions = List.copyOf(permissions);
  }
}
