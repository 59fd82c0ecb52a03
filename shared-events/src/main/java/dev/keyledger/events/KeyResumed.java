package dev.keyledger.events;

/** A suspended key was resumed. */
@WireType(name = "KeyResumed", version = 1)
public record KeyResumed() implements KeyEvent.ChangesState {}
