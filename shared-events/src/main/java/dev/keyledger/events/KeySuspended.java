package dev.keyledger.events;

/** A key was put out of use until it is resumed. */
public record KeySuspended() implements KeyEvent {}
