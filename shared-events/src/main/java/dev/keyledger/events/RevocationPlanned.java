package dev.keyledger.events;

import java.time.Instant;

/**
 * The revocation of a key was planned. Unless the plan is cancelled before, the key is revoked from
 * that time on, and {@link KeyRevoked} follows.
 *
 * @param effectiveAt the first instant at which the key is revoked
 * @param revocationReason the reason
 */
@WireType(name = "RevocationPlanned", version = 1)
public record RevocationPlanned(Instant effectiveAt, RevocationReason revocationReason)
    implements KeyEvent.PlansState {
  @Override
  public Plan plan() {
    return new Plan(effectiveAt, revocationReason);
  }
}
