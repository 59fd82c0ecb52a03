package dev.keyledger.standalone.race;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The events that one reader has seen. Written by its thread; other threads may ask. */
final class Sightings {
  private final String reader;
  private volatile long last;
  private volatile @Nullable String violation;

  Sightings(String reader) {
    this.reader = reader;
  }

  /**
   * @throws IllegalStateException if this is not the position after the one before
   */
  void see(long position) {
    if (position != last + 1) {
      fail("saw %d after %d".formatted(position, last));
      throw new IllegalStateException(violation);
    }
    last = position;
  }

  void fail(String what) {
    violation = reader + ": " + what;
  }

  long last() {
    return last;
  }

  @Override
  public String toString() {
    return reader;
  }

  Optional<String> violation() {
    return Optional.ofNullable(violation);
  }
}
