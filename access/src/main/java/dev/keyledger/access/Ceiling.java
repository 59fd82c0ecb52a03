package dev.keyledger.access;

import dev.keyledger.conditions.IpAllowList;
import dev.keyledger.conditions.Permission;
import dev.keyledger.conditions.PermissionSet;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limit on the power of keys that a caller creates or changes. A caller cannot grant more than
 * it may, and cannot create an operator that outlives it or acts from addresses where it cannot.
 *
 * @param held the caller's permissions; null: everything, for the root key
 * @param expiresAt the expiry of the caller's key, exclusive; null: never
 * @param ipAllowList the addresses from which the caller's key may be used
 */
public record Ceiling(
    @Nullable PermissionSet held, @Nullable Instant expiresAt, IpAllowList ipAllowList) {
  /** The absence of a limit: for the root key, and for a key that changes itself. */
  public static final Ceiling NONE = new Ceiling(null, null, IpAllowList.ANY);

  /** Creates the ceiling of permissions that are held forever and from any address. */
  public Ceiling(PermissionSet held) {
    this(held, null, IpAllowList.ANY);
  }

  /** Returns the permissions that are not covered, in the given order. */
  public List<Permission> uncovered(Collection<Permission> permissions) {
    return permissions.stream().filter(permission -> !covers(permission)).toList();
  }

  /**
   * Returns whether the caller may put a permission on a key. Keyledger's own permissions must be
   * held; any other one requires {@code keyledger:grant:<permission>}.
   */
  public boolean covers(Permission permission) {
    return held == null || held.mayGrant(permission);
  }

  /**
   * Returns whether an operator's key may have this expiry and IP list: no later and no wider than
   * the caller's own.
   *
   * @param end exclusive; null: never
   */
  public boolean coversOperator(@Nullable Instant end, IpAllowList places) {
    boolean lives = expiresAt == null || (end != null && !end.isAfter(expiresAt));
    return lives && ipAllowList.covers(places);
  }
}
