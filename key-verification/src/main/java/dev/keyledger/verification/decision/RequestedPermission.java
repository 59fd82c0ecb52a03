package dev.keyledger.verification.decision;

import dev.keyledger.conditions.Permission;
import dev.keyledger.verification.secret.KeyFormat;

/** Reads the permissions that requests name. */
public final class RequestedPermission {
  private RequestedPermission() {}

  /**
   * Returns the permission in a request.
   *
   * @throws IllegalArgumentException if the text is malformed, is in the namespace {@code
   *     keyledger} but not one of Keyledger's own permissions, or is a secret, which must not be
   *     kept or shown as a permission
   */
  public static Permission of(String text) {
    var permission = new Permission(text);
    if (KeyFormat.isMinted(text)) {
      throw new IllegalArgumentException("must be a permission, not a secret");
    }
    if (!permission.isKnown()) {
      throw new IllegalArgumentException(
          "must be one of Keyledger's own permissions, such as keyledger:keys:issue, if its first"
              + " segment is keyledger in any case");
    }
    return permission;
  }
}
