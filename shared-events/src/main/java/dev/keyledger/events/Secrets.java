package dev.keyledger.events;

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
 */
public record Secrets(
    int generation, StoredSecret current, @Nullable Previous previous, Set<Integer> leaked) {

  /**
   * A secret that stays valid for a while after a rotation; one generation older than the current
   * one.
   *
   * @param secret its stored form
   * @param overlapEndsAt the first instant at which it is no longer valid
   */
  public record Previous(StoredSecret secret, Instant overlapEndsAt) {}

  public Secrets {
    leaked = Set.copyOf(leaked);
  }

  static Secrets first(StoredSecret secret) {
    return new Secrets(1, secret, null, Set.of());
  }

  /** Returns the previous secret if its overlap is open at a time; otherwise null. */
  public @Nullable Previous previousAliveAt(Instant now) {
    return previous != null && now.isBefore(previous.overlapEndsAt) ? previous : null;
  }

  Secrets rotated(KeyRotated event) {
    return new Secrets(
        event.generation(), event.secret(), new Previous(current, event.overlapEndsAt()), leaked);
  }

  Secrets previousRetired() {
    return new Secrets(generation, current, null, leaked);
  }

  Secrets leakReported(int leakedGeneration) {
    var all = new TreeSet<>(leaked);
    all.add(leakedGeneration);
    return new Secrets(generation, current, previous, all);
  }
}
