package dev.keyledger.client;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A filter of audit entries; an entry must meet every criterion that is set. Not thread-safe. */
public final class AuditFilter {
  private final Map<String, Object> parameters = new LinkedHashMap<>();

  private AuditFilter() {}

  /** Returns all entries of the workspace, newest first. */
  public static AuditFilter all() {
    return new AuditFilter();
  }

  /** Keeps the entries of one key. */
  public AuditFilter key(String keyId) {
    return with("keyId", keyId);
  }

  /** Keeps the entries of keys of one of these owners. */
  public AuditFilter owner(Owner... owners) {
    return with("owner", List.of(owners).stream().map(Owner::toString).toList());
  }

  /** Keeps the entries of an actor's commands. */
  public AuditFilter actor(Actor actor) {
    return with("actor", actor.toString());
  }

  /** Keeps the events of one of these types, such as {@code KeyRevoked}. */
  public AuditFilter type(String... types) {
    return with("type", List.of(types));
  }

  /** Keeps the entries at a time or later. */
  public AuditFilter from(Instant time) {
    return with("from", time);
  }

  /** Keeps the entries before a time. */
  public AuditFilter to(Instant time) {
    return with("to", time);
  }

  /** Sorts the oldest entries first. */
  public AuditFilter oldestFirst() {
    return with("order", "asc");
  }

  /** Sets the maximum number of entries in a page, 1 to 200; 50 unless set. */
  public AuditFilter limit(int limit) {
    return with("limit", limit);
  }

  /** Begins at the cursor of the previous page, whose filter is otherwise the same. */
  public AuditFilter cursor(String cursor) {
    return with("cursor", cursor);
  }

  Map<String, Object> parameters() {
    return parameters;
  }

  private AuditFilter with(String name, Object value) {
    parameters.put(name, value);
    return this;
  }
}
