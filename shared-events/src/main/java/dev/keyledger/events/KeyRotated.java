package dev.keyledger.events;

import java.time.Instant;

/**
 * A key got a new secret; the secret before it lives until the overlap ends, any older one is dead.
 *
 * @param generation the number of the new secret, 2 or more
 * @param secret what is stored of the new secret
 * @param overlapEndsAt until when the secret before it is good, exclusive
 */
@WireType(name = "KeyRotated", version = 1)
public record KeyRotated(int generation, StoredSecret secret, Instant overlapEndsAt)
    implements KeyEvent.ChangesSecrets, KeyEvent.IntroducesSecret {}
