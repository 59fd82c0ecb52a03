package dev.keyledger.events;

/**
 * An overlap was closed early.
 *
 * @param generation the number of the secret that died
 */
public record SecretRetired(int generation) implements KeyEvent {}
