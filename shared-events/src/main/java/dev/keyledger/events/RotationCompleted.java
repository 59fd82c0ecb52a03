package dev.keyledger.events;

/**
 * A rotation is complete: its new secret was used and the previous one was not for long enough, or
 * the overlap has ended. Recorded once for each rotation; ends no secret.
 *
 * @param generation the generation of the new secret, 2 or more
 * @param newSecretUsed whether the new secret has been used
 */
@WireType(name = "RotationCompleted", version = 1)
public record RotationCompleted(int generation, boolean newSecretUsed)
    implements KeyEvent.RecordsNote {
  /** Returns false: a timer causes the event, or the next rotation. */
  @Override
  public boolean movesVersion() {
    return false;
  }
}
