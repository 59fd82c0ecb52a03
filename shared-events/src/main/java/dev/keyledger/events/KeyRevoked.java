package dev.keyledger.events;

/**
 * A key was revoked, which is permanent.
 *
 * @param revocationReason the reason
 */
@WireType(name = "KeyRevoked", version = 1)
public record KeyRevoked(RevocationReason revocationReason) implements KeyEvent.ChangesState {}
