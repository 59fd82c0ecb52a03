package dev.keyledger.access;

import dev.keyledger.verification.decision.IpAllowList;
import dev.keyledger.verification.decision.Permission;
import dev.keyledger.verification.decision.PermissionSet;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a caller may put on a key. Nobody hands on what they were not allowed to hand on, and nobody
 * makes an operator that outlives them or acts from where they cannot.
 *
 * @param held what the caller holds; null: everything, as the root key does
 * @param expiresAt when the caller's key ends, exclusive; null: never
 * @param ipAllowList where the caller's key is good
 */
public record Ceiling(
    @Nullable PermissionSet held, @Nullable Instant expiresAt, IpAllowList ipAllowList) {
  /** The root key's: none. */
  public static final Ceiling NONE = new Ceiling(null, null, IpAllowList.ANY);

  /** The ceiling of who holds these permissions for ever and everywhere. */
  public Ceiling(PermissionSet held) {
    this(held, null, IpAllowList.ANY);
  }

  /** The permissions that are not covered, in the order given. */
  public List<Permission> uncovered(Collection<Permission> permissions) {
    return permissions.stream().filter(permission -> !covers(permission)).toList();
  }

  /**
   * Whether the caller may put the permission on a key: Keyledger's own permissions by holding
   * them, any other by holding {@code keyledger:grant:<permission>}.
   */
  public boolean covers(Permission permission) {
    return held == null || held.mayGrant(permission);
  }

  /**
   * Whether an operator's key may end then and be good there: not later, and not elsewhere, than
   * the caller's own.
   *
   * @param end exclusive; null: never
   */
  public boolean coversOperator(@Nullable Instant end, IpAllowList places) {
    boolean lives = expiresAt == null || (end != null && !end.isAfter(expiresAt));
    return lives && ipAllowList.covers(places);
  }
}
