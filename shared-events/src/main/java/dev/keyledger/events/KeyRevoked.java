package dev.keyledger.events;

/**
 * A key was put out of use for ever.
 *
 * @param revocationReason why
 */
public record KeyRevoked(RevocationReason revocationReason) implements KeyEvent {}
