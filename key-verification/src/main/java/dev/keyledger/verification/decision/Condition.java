package dev.keyledger.verification.decision;

/**
 * One of the conditions that a known key is checked against, and its outcome.
 *
 * @param code the code that a check has whose first unmet condition this is
 * @param met whether the condition is met
 */
public record Condition(DecisionCode code, boolean met) {}
