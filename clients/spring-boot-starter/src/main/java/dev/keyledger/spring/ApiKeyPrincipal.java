package dev.keyledger.spring;

import dev.keyledger.client.Decision.CheckedKey;
import dev.keyledger.client.Owner;
import dev.keyledger.conditions.PermissionSet;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.AuthenticatedPrincipal;

/**
 * The key that a request came with. Controllers get it as {@code @AuthenticationPrincipal
 * ApiKeyPrincipal}. Immutable; holds no secret.
 */
public final class ApiKeyPrincipal implements AuthenticatedPrincipal {
  private final CheckedKey key;
  private final PermissionSet held;

  /**
   * @param key the facts about the key from the check
   * @throws IllegalArgumentException if one of its permissions is malformed
   */
  public ApiKeyPrincipal(CheckedKey key) {
    this.key = key;
    this.held = PermissionSet.of(key.permissions());
  }

  /** Returns all facts about the key from the check. */
  public CheckedKey key() {
    return key;
  }

  /** Returns the id of the key, {@code key_...}. */
  public String keyId() {
    return key.keyId();
  }

  /** Returns the party to which the key was issued. */
  public Owner owner() {
    return key.owner();
  }

  /** Returns the workspace of the key. */
  public String workspace() {
    return key.workspace();
  }

  /**
   * Returns whether the key holds all of some permissions, by itself or by a wildcard.
   *
   * @throws IllegalArgumentException if none is given, or one is not a permission or has a wildcard
   */
  public boolean permits(String... permissions) {
    return RequiredPermissions.allOf(permissions).areHeldBy(held);
  }

  PermissionSet held() {
    return held;
  }

  /** Returns the id of the key. */
  @Override
  public String getName() {
    return keyId();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ApiKeyPrincipal principal && key.equals(principal.key);
  }

  @Override
  public int hashCode() {
    return key.hashCode();
  }

  @Override
  public String toString() {
    return keyId();
  }
}
