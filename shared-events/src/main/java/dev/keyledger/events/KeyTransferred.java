package dev.keyledger.events;

/**
 * A key went to another owner.
 *
 * @param owner whose it is from now on
 */
public record KeyTransferred(Owner owner) implements KeyEvent {}
