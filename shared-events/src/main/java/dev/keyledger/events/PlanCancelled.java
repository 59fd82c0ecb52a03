package dev.keyledger.events;

/** The cancellation of a plan for a key before it took effect. */
@WireType(name = "PlanCancelled", version = 1)
public record PlanCancelled() implements KeyEvent.ChangesState {}
