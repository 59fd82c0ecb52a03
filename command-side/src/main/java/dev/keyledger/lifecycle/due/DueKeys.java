package dev.keyledger.lifecycle.due;

import dev.keyledger.events.KeyId;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.ExaminedKey;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * The list of due times: the next one for each key with future changes; and the keys whose new
 * secret was used for the first time. It follows the log and may lag behind it; callers decide on
 * the key itself.
 *
 * <p>A due time is never too late, so that no change is missed. It may be too early: then the key
 * is examined once in vain.
 */
public interface DueKeys {
  /**
   * Applies the next events of the log.
   *
   * @return whether there may be more
   */
  boolean catchUp();

  /**
   * Returns keys whose due time has come, the earliest first.
   *
   * @param max the maximum number of keys
   * @param except keys to leave out
   */
  List<DueKey> due(Instant now, int max, Set<KeyId> except);

  /**
   * Updates the due times of keys, unless the list has applied later events of them.
   *
   * @param due the result of {@link #due}
   * @param lookedAt the examined keys
   */
  void move(List<DueKey> due, List<ExaminedKey> lookedAt);
}
