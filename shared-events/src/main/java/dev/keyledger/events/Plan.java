package dev.keyledger.events;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A planned revocation or suspension of a key. It takes effect by the clock, at every node at once;
 * the event that records the effect follows.
 *
 * @param effectiveAt the first instant at which it is in effect
 * @param revocationReason the reason of a revocation; null: a suspension
 */
public record Plan(Instant effectiveAt, @Nullable RevocationReason revocationReason) {

  /** Returns whether a revocation is planned, not a suspension. */
  public boolean revokes() {
    return revocationReason != null;
  }

  /** Returns whether the plan is in effect. */
  public boolean isInEffectAt(Instant now) {
    return !now.isBefore(effectiveAt);
  }

  /** Returns the event that records its effect. */
  public KeyEvent.ChangesState effect() {
    return revocationReason == null ? new KeySuspended() : new KeyRevoked(revocationReason);
  }
}
