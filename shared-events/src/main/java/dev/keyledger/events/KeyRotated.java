package dev.keyledger.events;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key got a new secret. The previous secret stays valid until the overlap ends; any older one is
 * invalid.
 *
 * @param generation the generation of the new secret, 2 or more
 * @param secret the stored form of the new secret
 * @param overlapEndsAt the end of the previous secret's validity, exclusive, if no later event of
 *     the key ends it earlier
 * @param overlapFromFirstUse the length of the overlap after {@link OverlapStarted}: {@code
 *     overlapEndsAt} is then the latest end; null if the overlap begins with the rotation, as in
 *     events that are older than the field
 * @param rotationQuiet the time for which the previous secret must be unused for the rotation to be
 *     complete; null in events that are older than the field, whose completion is not recorded
 */
@WireType(name = "KeyRotated", version = 1)
public record KeyRotated(
    int generation,
    StoredSecret secret,
    Instant overlapEndsAt,
    @Nullable Duration overlapFromFirstUse,
    @Nullable Duration rotationQuiet)
    implements KeyEvent.ChangesSecrets, KeyEvent.IntroducesSecret {

  /** Creates an event without the fields that were added later. */
  public KeyRotated(int generation, StoredSecret secret, Instant overlapEndsAt) {
    this(generation, secret, overlapEndsAt, null, null);
  }
}
