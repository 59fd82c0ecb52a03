package dev.keyledger.client;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** The parameters of a rotation. Not thread-safe. */
public final class Rotation implements Call.Body {
  private final Map<String, Object> fields = new LinkedHashMap<>();

  private Rotation() {}

  /** Returns a rotation with the overlap of the workspace's policy. */
  public static Rotation byPolicy() {
    return new Rotation();
  }

  /** Returns a rotation after which the old secret stays valid for a time, zero to 366 days. */
  public static Rotation overlap(Duration overlap) {
    return new Rotation().with("overlap", overlap);
  }

  /** Starts the overlap when the new secret is first used, not now. */
  public Rotation fromFirstUse() {
    return with("overlapFrom", "first-use");
  }

  /** Ends an overlap that is still open, which would otherwise be a conflict. */
  public Rotation closeOverlap() {
    return with("closeOverlap", true);
  }

  /** Sets a new lifetime, from now on. */
  public Rotation lifetime(Duration lifetime) {
    return with("lifetime", lifetime);
  }

  /** Sets a new expiry. */
  public Rotation expiresAt(Instant time) {
    return with("expiresAt", time);
  }

  private Rotation with(String name, Object value) {
    fields.put(name, value);
    return this;
  }

  @Override
  public Map<String, ?> fields() {
    return fields;
  }

  @Override
  public String toString() {
    return "Rotation" + fields;
  }
}
