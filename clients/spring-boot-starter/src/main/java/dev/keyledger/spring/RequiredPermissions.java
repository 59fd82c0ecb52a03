package dev.keyledger.spring;

import dev.keyledger.conditions.Permission;
import dev.keyledger.conditions.PermissionSet;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.core.Authentication;

/**
 * The permissions that a key must hold.
 *
 * @param allOf the permissions of which it needs all
 * @param anyOf the permissions of which it needs one; empty: no condition
 */
record RequiredPermissions(List<Permission> allOf, List<Permission> anyOf) {
  /**
   * @throws IllegalArgumentException if both are empty, or one has a wildcard
   */
  RequiredPermissions {
    if (allOf.isEmpty() && anyOf.isEmpty()) {
      throw new IllegalArgumentException("a permission must be named");
    }
    Stream.concat(allOf.stream(), anyOf.stream())
        .filter(permission -> !permission.isLiteral())
        .findFirst()
        .ifPresent(RequiredPermissions::refuse);
  }

  private static void refuse(Permission pattern) {
    throw new IllegalArgumentException(
        "a required permission must not contain *: " + pattern.value());
  }

  /** The judgement about a request, with the {@code scope} of its challenge (RFC 6750). */
  record Judgement(boolean isGranted, String scope) implements AuthorizationResult {}

  static RequiredPermissions allOf(String... permissions) {
    return of(permissions);
  }

  static RequiredPermissions of(String[] allOf, String... anyOf) {
    return new RequiredPermissions(parsed(allOf), parsed(anyOf));
  }

  private static List<Permission> parsed(String[] texts) {
    return Arrays.stream(texts).map(Permission::new).toList();
  }

  boolean areHeldBy(PermissionSet held) {
    return held.missing(allOf, anyOf).isEmpty();
  }

  /** Returns the judgement about the sender of a request: only a key can hold permissions. */
  Judgement judge(@Nullable Authentication authentication) {
    boolean granted =
        authentication instanceof ApiKeyAuthentication key && areHeldBy(key.getPrincipal().held());
    return new Judgement(granted, scope());
  }

  private String scope() {
    return Stream.concat(allOf.stream(), anyOf.stream())
        .map(Permission::value)
        .distinct()
        .collect(Collectors.joining(" "));
  }
}
