package dev.keyledger.spring;

import org.springframework.security.core.context.SecurityContextHolder;

/**
 * The bean {@code keyledger} of expressions, as in
 * {@code @PreAuthorize("@keyledger.permits('read:users')")}.
 */
public final class ApiKeyPermissions {
  ApiKeyPermissions() {}

  /**
   * Returns whether the request came with a key that holds all of some permissions, by itself or by
   * a wildcard.
   *
   * @throws IllegalArgumentException if none is given, or one is not a permission or has a wildcard
   */
  public boolean permits(String... permissions) {
    return RequiredPermissions.allOf(permissions)
        .judge(SecurityContextHolder.getContext().getAuthentication())
        .isGranted();
  }
}
