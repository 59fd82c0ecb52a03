package dev.keyledger.client;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The fields of a policy to set; the others stay as they are. Not thread-safe. */
public final class PolicyChange implements Call.Body {
  private final Map<String, Object> fields = new LinkedHashMap<>();

  private PolicyChange() {}

  /** Returns no change, to begin with. */
  public static PolicyChange none() {
    return new PolicyChange();
  }

  /** Sets the lifetime of keys whose command names no expiry. */
  public PolicyChange defaultLifetime(Duration lifetime) {
    return with("defaultLifetime", lifetime);
  }

  /** Sets the longest lifetime. */
  public PolicyChange maxLifetime(Duration lifetime) {
    return with("maxLifetime", lifetime);
  }

  /** Sets whether keys may be issued that never expire. */
  public PolicyChange allowNoExpiry(boolean allowed) {
    return with("allowNoExpiry", allowed);
  }

  /** Sets how long after its expiry a key can be renewed. */
  public PolicyChange renewalWindow(Duration window) {
    return with("renewalWindow", window);
  }

  /** Sets the overlap of rotations that name none. */
  public PolicyChange defaultOverlap(Duration overlap) {
    return with("defaultOverlap", overlap);
  }

  /** Sets how long before the expiry reminders are due, longest first. */
  public PolicyChange reminders(Duration... offsets) {
    return with("reminders", List.of(offsets));
  }

  /** Sets the patterns that must cover the permissions of keys. */
  public PolicyChange allowedPermissions(String... patterns) {
    return with("allowedPermissions", List.of(patterns));
  }

  /** Sets how many keys that are not revoked there may be. */
  public PolicyChange maxKeys(long keys) {
    return with("maxKeys", keys);
  }

  /** Sets whether operators' keys stay valid when their issuer is not. */
  public PolicyChange operatorsOutliveIssuer(boolean outlive) {
    return with("operatorsOutliveIssuer", outlive);
  }

  /**
   * Sets the actions that holders may take: {@code renew}, {@code renew-expired}, {@code rotate}.
   */
  public PolicyChange holderMay(String... actions) {
    return with("holderMay", List.of(actions));
  }

  private PolicyChange with(String name, Object value) {
    fields.put(name, value);
    return this;
  }

  @Override
  public Map<String, ?> fields() {
    return fields;
  }
}
