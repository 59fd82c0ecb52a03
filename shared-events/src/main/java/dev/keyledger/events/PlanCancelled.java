package dev.keyledger.events;

/** What was planned for a key was cancelled before it took effect. */
@WireType(name = "PlanCancelled", version = 1)
public record PlanCancelled() implements KeyEvent.ChangesState {}
