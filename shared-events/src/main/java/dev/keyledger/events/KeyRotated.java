package dev.keyledger.events;

import java.time.Instant;

/**
 * A key got a new secret. The previous secret stays valid until the overlap ends; any older one is
 * invalid.
 *
 * @param generation the generation of the new secret, 2 or more
 * @param secret the stored form of the new secret
 * @param overlapEndsAt the end of the previous secret's validity, exclusive
 */
@WireType(name = "KeyRotated", version = 1)
public record KeyRotated(int generation, StoredSecret secret, Instant overlapEndsAt)
    implements KeyEvent.ChangesSecrets, KeyEvent.IntroducesSecret {}
