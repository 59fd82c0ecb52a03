package dev.keyledger.events;

import java.time.Instant;

/**
 * The last use of one secret of a key. Not an event.
 *
 * @param generation the generation of the secret, 1 or more
 * @param time the minute of the use
 */
public record SecretUse(KeyId keyId, int generation, Instant time) {}
