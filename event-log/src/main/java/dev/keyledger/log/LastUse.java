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
 * @param first when the secret of that generation was used first; null without one
 * @param current when the secret of that generation was used last; null without one
 * @param previous when the secret of the generation before it was used last; null if it never was
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
   * Returns when the secret of a generation was used last; null if it never was, or is older than
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
