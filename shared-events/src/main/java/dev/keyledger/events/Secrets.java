package dev.keyledger.events;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of a key: the current one and, while an overlap is open, the previous one.
 *
 * @param generation the generation of the current secret, 1 or more
 * @param current the stored form of the current secret
 * @param previous the previous secret, unless the rotation had no overlap; its overlap may have
 *     ended
 * @param leaked the generations that were reported as leaked
 * @param rotationQuiet the time for which the previous secret must be unused for the latest
 *     rotation to be complete; null if its completion is recorded, or never will be
 */
public record Secrets(
    int generation,
    StoredSecret current,
    @Nullable Previous previous,
    Set<Integer> leaked,
    @Nullable Duration rotationQuiet) {

  /**
   * A secret that stays valid for a while after a rotation; one generation older than the current
   * one.
   *
   * @param secret its stored form
   * @param overlapEndsAt the first instant at which it is no longer valid; the latest such instant
   *     while the overlap waits
   * @param waitingOverlap the length of the overlap, while it waits for the first use of the
   *     current secret; null once it has begun
   */
  public record Previous(
      StoredSecret secret, Instant overlapEndsAt, @Nullable Duration waitingOverlap) {
    /**
     * Returns the latest start of the overlap, if the current secret stays unused; null if it has
     * begun by an event.
     */
    public @Nullable Instant overlapStartsBy() {
      return waitingOverlap == null ? null : overlapEndsAt.minus(waitingOverlap);
    }

    /** Returns the end of the overlap; null if it is unknown because the overlap has not begun. */
    public @Nullable Instant knownEnd(Instant now) {
      Instant startsBy = overlapStartsBy();
      return startsBy != null && now.isBefore(startsBy) ? null : overlapEndsAt;
    }
  }

  public Secrets {
    leaked = Set.copyOf(leaked);
  }

  static Secrets first(StoredSecret secret) {
    return new Secrets(1, secret, null, Set.of(), null);
  }

  /** Returns the previous secret if its overlap is open at a time; otherwise null. */
  public @Nullable Previous previousAliveAt(Instant now) {
    return previous != null && now.isBefore(previous.overlapEndsAt) ? previous : null;
  }

  Secrets rotated(KeyRotated event) {
    return new Secrets(
        event.generation(),
        event.secret(),
        new Previous(current, event.overlapEndsAt(), event.overlapFromFirstUse()),
        leaked,
        event.rotationQuiet());
  }

  /**
   * Starts the overlap. Never postpones its end, so that a secret that has ended does not come back
   * to life.
   */
  Secrets overlapStarted(OverlapStarted event) {
    if (previous == null) {
      return this;
    }
    Instant end =
        event.overlapEndsAt().isBefore(previous.overlapEndsAt)
            ? event.overlapEndsAt()
            : previous.overlapEndsAt;
    return new Secrets(
        generation, current, new Previous(previous.secret, end, null), leaked, rotationQuiet);
  }

  Secrets previousRetired() {
    return new Secrets(generation, current, null, leaked, rotationQuiet);
  }

  Secrets rotationCompleted() {
    return new Secrets(generation, current, previous, leaked, null);
  }

  Secrets leakReported(int leakedGeneration) {
    var all = new TreeSet<>(leaked);
    all.add(leakedGeneration);
    return new Secrets(generation, current, previous, all, rotationQuiet);
  }
}
