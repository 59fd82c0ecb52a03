package dev.keyledger.client;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A filter of keys; a key must meet every criterion that is set. Not thread-safe. */
public final class KeyFilter {
  private final Map<String, Object> parameters = new LinkedHashMap<>();

  private KeyFilter() {}

  /** Returns all keys of the workspace. */
  public static KeyFilter all() {
    return new KeyFilter();
  }

  /** Keeps the keys of one of these owners. */
  public KeyFilter owner(Owner... owners) {
    return with("owner", List.of(owners).stream().map(Owner::toString).toList());
  }

  /** Keeps the keys that have one of these statuses now. */
  public KeyFilter status(Key.Status... statuses) {
    return with("status", List.of(statuses));
  }

  /** Keeps the keys that hold one of these permissions or patterns, literally. */
  public KeyFilter permission(String... permissions) {
    return with("permission", List.of(permissions));
  }

  /** Keeps the keys for one environment. */
  public KeyFilter environment(Environment environment) {
    return with("environment", environment);
  }

  /** Keeps the keys that an actor issued. */
  public KeyFilter issuedBy(Actor actor) {
    return with("issuedBy", actor.toString());
  }

  /** Keeps the keys that expire before a time. */
  public KeyFilter expiresBefore(Instant time) {
    return with("expiresBefore", time);
  }

  /** Keeps the keys that were issued before a time and have not been used since. */
  public KeyFilter unusedSince(Instant time) {
    return with("unusedSince", time);
  }

  /** Keeps the keys whose name or owner contains a text, or whose id begins with it. */
  public KeyFilter text(String text) {
    return with("q", text);
  }

  /** Sets the maximum number of keys in a page, 1 to 200; 50 unless set. */
  public KeyFilter limit(int limit) {
    return with("limit", limit);
  }

  /** Begins at the cursor of the previous page, whose filter is otherwise the same. */
  public KeyFilter cursor(String cursor) {
    return with("cursor", cursor);
  }

  Map<String, Object> parameters() {
    return parameters;
  }

  private KeyFilter with(String name, Object value) {
    parameters.put(name, value);
    return this;
  }
}
