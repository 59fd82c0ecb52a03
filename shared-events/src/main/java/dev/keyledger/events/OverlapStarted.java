package dev.keyledger.events;

import java.time.Instant;

/**
 * The overlap of a rotation began that waited for the first use of the new secret.
 *
 * @param generation the generation of the new secret, 2 or more
 * @param overlapEndsAt the end of the previous secret's validity, exclusive
 * @param newSecretUsed whether the new secret has been used; otherwise the overlap began because
 *     the longest wait was over
 */
@WireType(name = "OverlapStarted", version = 1)
public record OverlapStarted(int generation, Instant overlapEndsAt, boolean newSecretUsed)
    implements KeyEvent.ChangesSecrets {
  /** Returns false: a timer causes the event. */
  @Override
  public boolean movesVersion() {
    return false;
  }
}
