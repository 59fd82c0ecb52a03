package dev.keyledger.events;

import java.time.Instant;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of a key: the current one and, while an overlap is open, the one before it.
 *
 * @param generation the number of the current secret, 1 or more
 * @param current what is stored of the current secret
 * @param previous the secret before it, unless that one died at once; its overlap may have ended
 * @param leaked the generations whose leak was reported
 */
public record Secrets(
    int generation, StoredSecret current, @Nullable Previous previous, Set<Integer> leaked) {

  /**
   * A secret that a rotation lets live on for a while; it is one generation older than the current.
   *
   * @param secret what is stored of it
   * @param overlapEndsAt the first instant at which it is good no longer
   */
  public record Previous(StoredSecret secret, Instant overlapEndsAt) {}

  public Secrets {
    leaked = Set.copyOf(leaked);
  }

  static Secrets first(StoredSecret secret) {
    return new Secrets(1, secret, null, Set.of());
  }

  /** The secret whose overlap is open at that time, or null. */
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
