package dev.keyledger.verification.decision;

/**
 * A condition of a known key, and its outcome.
 *
 * @param code the code of a check whose first unmet condition this is
 * @param met whether the condition is met
 */
public record Condition(DecisionCode code, boolean met) {}
