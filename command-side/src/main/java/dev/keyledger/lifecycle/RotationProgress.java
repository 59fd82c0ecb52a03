package dev.keyledger.lifecycle;

import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.OverlapStarted;
import dev.keyledger.events.RotationCompleted;
import dev.keyledger.events.Secrets;
import dev.keyledger.log.LastUse;
import dev.keyledger.log.LastUseTable;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a key's latest rotation, from the recorded uses of its secrets.
 *
 * @param used null: no use of the key is recorded
 */
public record RotationProgress(Secrets secrets, @Nullable LastUse used) {
  /** The longest time that an overlap waits for the first use of the new secret. */
  public static final Duration FIRST_USE_WAIT_MAX = Duration.ofDays(30);

  /** Returns the due events of the rotation: the start of its overlap, its completion, or both. */
  public List<KeyEvent> due(Instant now) {
    var events = new ArrayList<KeyEvent>();
    Secrets.Previous previous = secrets.previous();
    Instant end = previous == null ? now : previous.overlapEndsAt();
    if (previous != null && previous.waitingOverlap() != null && hasStarted(previous, now)) {
      end = endOf(previous, previous.waitingOverlap(), now);
      events.add(new OverlapStarted(secrets.generation(), end, isNewUsed()));
    }
    if (secrets.rotationQuiet() != null) {
      Instant quiet = quietAt(secrets.rotationQuiet());
      if (!now.isBefore(end) || (quiet != null && !now.isBefore(quiet))) {
        events.add(completed());
      }
    }
    return events;
  }

  /**
   * Returns the time of the rotation's next due event, if none is due now and no other use is
   * recorded; null: never.
   */
  public @Nullable Instant nextDue() {
    Duration rotationQuiet = secrets.rotationQuiet();
    Secrets.Previous previous = secrets.previous();
    if (rotationQuiet == null || previous == null) {
      return null;
    }
    Instant startsBy = previous.overlapStartsBy();
    if (startsBy != null) {
      return startsBy;
    }
    Instant quiet = quietAt(rotationQuiet);
    return quiet != null && quiet.isBefore(previous.overlapEndsAt())
        ? quiet
        : previous.overlapEndsAt();
  }

  /** Returns the note that the rotation is complete. */
  RotationCompleted completed() {
    return new RotationCompleted(secrets.generation(), isNewUsed());
  }

  private boolean hasStarted(Secrets.Previous previous, Instant now) {
    Instant startsBy = previous.overlapStartsBy();
    return isNewUsed() || (startsBy != null && !now.isBefore(startsBy));
  }

  /**
   * Returns the end of an overlap. One that starts because the longest wait is over ends as
   * announced.
   */
  private static Instant endOf(Secrets.Previous previous, Duration overlap, Instant now) {
    Instant end = now.truncatedTo(ChronoUnit.MILLIS).plus(overlap);
    return end.isBefore(previous.overlapEndsAt()) ? end : previous.overlapEndsAt();
  }

  private boolean isNewUsed() {
    return used != null && used.hasReached(secrets.generation());
  }

  /**
   * Returns the time at which the old secret will have been unused for long enough since the new
   * one is in use; null if the new one is not in use. The last use may have been at the end of its
   * minute.
   */
  private @Nullable Instant quietAt(Duration rotationQuiet) {
    if (used == null || used.generation() != secrets.generation() || used.first() == null) {
      return null;
    }
    Instant last = used.previous();
    Instant since = last == null || last.isBefore(used.first()) ? used.first() : last;
    return since.plus(LastUseTable.GRAIN).plus(rotationQuiet);
  }
}
