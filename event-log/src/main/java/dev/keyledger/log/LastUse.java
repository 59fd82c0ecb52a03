package dev.keyledger.log;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The last uses of a key and of its two newest secrets, as far as nodes have written them. All
 * times are the starts of the minutes of the uses.
 *
 * @param time the last use of any secret
 * @param generation the newest generation that was used; 0 if that is not known, because uses were
 *     written before generations were
 * @param first the first use of the secret of that generation; null without one
 * @param current the last use of the secret of that generation; null without one
 * @param previous the last use of the secret of the generation before it; null if there was none
 */
public record LastUse(
    Instant time,
    int generation,
    @Nullable Instant first,
    @Nullable Instant current,
    @Nullable Instant previous) {

  /** Returns whether the secret of a generation, or a newer one, was used. */
  public boolean hasReached(int secret) {
    return generation >= secret;
  }

  /**
   * Returns the last use of the secret of a generation; null if it was never used, or is older than
   * the secret before the newest one that was used.
   */
  public @Nullable Instant of(int secret) {
    if (secret == generation) {
      return current;
    }
    if (secret == generation - 1) {
      return previous;
    }
    // A key that was never rotated has only one secret that may have been used.
    return generation == 0 && secret == 1 ? time : null;
  }
}
