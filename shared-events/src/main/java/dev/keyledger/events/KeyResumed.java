package dev.keyledger.events;

/** A suspended key was put into use again. */
@WireType(name = "KeyResumed", version = 1)
public record KeyResumed() implements KeyEvent.ChangesState {}
