package dev.keyledger.client;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** The new lifetime of a key. Not thread-safe. */
public final class Renewal implements Call.Body {
  private final Map<String, Object> fields = new LinkedHashMap<>();

  private Renewal() {}

  /** Returns the lifetime of the workspace's policy, from now on. */
  public static Renewal byPolicy() {
    return new Renewal();
  }

  /** Returns a lifetime from now on. */
  public static Renewal lifetime(Duration lifetime) {
    return new Renewal().with("lifetime", lifetime);
  }

  /** Returns a new expiry. */
  public static Renewal until(Instant time) {
    return new Renewal().with("expiresAt", time);
  }

  /** Returns a life without end, where the policy allows that. */
  public static Renewal forever() {
    return new Renewal().with("lifetime", "never");
  }

  /** Allows an expiry that is earlier than the present one. */
  public Renewal allowShorter() {
    return with("allowShorter", true);
  }

  private Renewal with(String name, Object value) {
    fields.put(name, value);
    return this;
  }

  @Override
  public Map<String, ?> fields() {
    return fields;
  }

  @Override
  public String toString() {
    return "Renewal" + fields;
  }
}
