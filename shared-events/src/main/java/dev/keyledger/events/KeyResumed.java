package dev.keyledger.events;

/** A suspended key was put into use again. */
public record KeyResumed() implements KeyEvent {}
