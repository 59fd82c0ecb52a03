package dev.keyledger.access;

import dev.keyledger.verification.Permission;
import dev.keyledger.verification.PermissionSet;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a caller may put on a key. Nobody hands on what they were not allowed to hand on.
 *
 * @param held what the caller holds; null: everything, as the root key does
 */
public record Ceiling(@Nullable PermissionSet held) {
  /** The root key's: none. */
  public static final Ceiling NONE = new Ceiling(null);

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
}
