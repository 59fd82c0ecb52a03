package dev.keyledger.client;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A key to issue or import. Built by one thread. */
public final class NewKey implements Call.Body {
  private final Map<String, Object> fields = new LinkedHashMap<>();

  private NewKey(String name, Owner owner) {
    fields.put("name", name);
    fields.put("owner", owner);
    fields.put("permissions", List.of());
  }

  /**
   * Begins a key without permissions, with the lifetime of the workspace's policy.
   *
   * @param name its display name, 1 to 100 characters
   */
  public static NewKey of(String name, Owner owner) {
    return new NewKey(name, owner);
  }

  /** Sets the permissions of the key, such as {@code read:users}, and patterns; up to 100. */
  public NewKey permissions(String... permissions) {
    return with("permissions", List.of(permissions));
  }

  /** Sets how long the key is valid, from now on. */
  public NewKey lifetime(Duration lifetime) {
    return with("lifetime", lifetime);
  }

  /** Sets when the key expires. */
  public NewKey expiresAt(Instant time) {
    return with("expiresAt", time);
  }

  /** Lets the key never expire, where the policy allows that. */
  public NewKey neverExpires() {
    return with("lifetime", "never");
  }

  /** Sets the environment of the key; live unless set. */
  public NewKey environment(Environment environment) {
    return with("environment", environment);
  }

  /** Sets the first instant at which the key is valid. */
  public NewKey notBefore(Instant time) {
    return with("notBefore", time);
  }

  /** Sets the addresses and CIDR ranges from which the key may be used; up to 100. */
  public NewKey ipAllowList(String... addresses) {
    return with("ipAllowList", List.of(addresses));
  }

  /** Sets notes; up to 50 entries and 4 KiB. */
  public NewKey metadata(Map<String, String> metadata) {
    return with("metadata", Map.copyOf(metadata));
  }

  /** Sets the caller's own secret, by the SHA-256 of its UTF-8 bytes, in hex or base64. */
  public NewKey secretSha256(String digest) {
    return with("secretSha256", digest);
  }

  /** Sets a hint by which people recognise an imported secret, such as its last four characters. */
  public NewKey secretHint(String hint) {
    return with("secretHint", hint);
  }

  /** Sets when an imported key was created. */
  public NewKey createdAt(Instant time) {
    return with("createdAt", time);
  }

  /** Sets when an imported key was revoked. */
  public NewKey revokedAt(Instant time) {
    return with("revokedAt", time);
  }

  private NewKey with(String name, Object value) {
    fields.put(name, value);
    return this;
  }

  @Override
  public Map<String, ?> fields() {
    return fields;
  }

  /** Returns the name and the owner. */
  @Override
  public String toString() {
    return "NewKey[" + fields.get("name") + ", " + fields.get("owner") + "]";
  }
}
