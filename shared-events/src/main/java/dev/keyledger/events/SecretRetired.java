package dev.keyledger.events;

/**
 * An overlap was closed early.
 *
 * @param generation the number of the secret that died
 */
@WireType(name = "SecretRetired", version = 1)
public record SecretRetired(int generation) implements KeyEvent.ChangesSecrets {}
