package dev.keyledger.events;

/** A key was put out of use until it is resumed. */
@WireType(name = "KeySuspended", version = 1)
public record KeySuspended() implements KeyEvent.ChangesState {}
