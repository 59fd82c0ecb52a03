package dev.keyledger.events;

/**
 * An overlap was ended early.
 *
 * @param generation the generation of the secret that is no longer valid
 */
@WireType(name = "SecretRetired", version = 1)
public record SecretRetired(int generation) implements KeyEvent.ChangesSecrets {}
