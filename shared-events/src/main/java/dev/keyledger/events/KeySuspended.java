package dev.keyledger.events;

/** A key was suspended: it is invalid until it is resumed. */
@WireType(name = "KeySuspended", version = 1)
public record KeySuspended() implements KeyEvent.ChangesState {}
