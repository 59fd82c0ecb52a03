package dev.keyledger.lifecycle.due;

import dev.keyledger.events.KeyId;
import dev.keyledger.lifecycle.batch.KeyBatchCommand.LookedAt;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * The list of due times: for each key that anything will ever be due of, the next time; and the
 * keys of which another secret was used first. It follows the log and may be behind it; whoever
 * acts on it decides on the key itself.
 *
 * <p>A due time is never later than what it stands for, so that nothing is missed. It may be too
 * early: then the key is looked at in vain, once.
 */
public interface DueKeys {
  /**
   * Takes in the next events of the log.
   *
   * @return whether there may be more
   */
  boolean catchUp();

  /**
   * Returns keys whose due time has come, the earliest first.
   *
   * @param max the most keys
   * @param except keys to leave out
   */
  List<DueKey> due(Instant now, int max, Set<KeyId> except);

  /**
   * Moves the due times of keys on, unless the list has applied later events of them.
   *
   * @param due what {@link #due} returned
   * @param lookedAt those that were looked at
   */
  void move(List<DueKey> due, List<LookedAt> lookedAt);
}
