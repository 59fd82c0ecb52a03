package dev.keyledger.events;

/**
 * A key was put out of use for ever.
 *
 * @param revocationReason why
 */
@WireType(name = "KeyRevoked", version = 1)
public record KeyRevoked(RevocationReason revocationReason) implements KeyEvent.ChangesState {}
