package dev.keyledger.conditions;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The permissions of a key, prepared for checks. Immutable.
 *
 * <p>Each pattern is considered alone: two patterns that cover a third one only together do not
 * hold it.
 */
public final class PermissionSet {
  private final List<Permission> permissions;
  private final Set<Permission> literals;
  private final List<Permission> patterns;

  private PermissionSet(List<Permission> permissions) {
    this.permissions = permissions;
    this.literals =
        permissions.stream().filter(Permission::isLiteral).collect(Collectors.toUnmodifiableSet());
    this.patterns = permissions.stream().filter(permission -> !permission.isLiteral()).toList();
  }

  /**
   * Parses a set of permissions.
   *
   * @throws IllegalArgumentException if one of the texts is not a {@link Permission}
   */
  public static PermissionSet of(List<String> permissions) {
    return new PermissionSet(permissions.stream().map(Permission::new).toList());
  }

  /** Returns the permissions in the given order. */
  public List<Permission> permissions() {
    return permissions;
  }

  /** Returns whether one element of the set covers a permission, which may itself be a pattern. */
  public boolean holds(Permission permission) {
    return literals.contains(permission) || patternsCover(permission.value());
  }

  /**
   * Returns the permissions that a holder of this set lacks, each once: those of allOf that it does
   * not hold, then all of anyOf if it holds none of them.
   */
  public List<Permission> missing(List<Permission> allOf, List<Permission> anyOf) {
    List<Permission> missing = List.of();
    for (Permission required : allOf) {
      if (!holds(required)) {
        missing = add(missing, required);
      }
    }
    for (Permission required : anyOf) {
      if (holds(required)) {
        return missing;
      }
    }
    for (Permission required : anyOf) {
      missing = add(missing, required);
    }
    return missing;
  }

  /** Adds a permission once; creates the list only when there is something to add. */
  private static List<Permission> add(List<Permission> missing, Permission permission) {
    List<Permission> all = missing.isEmpty() ? new ArrayList<>() : missing;
    if (!all.contains(permission)) {
      all.add(permission);
    }
    return all;
  }

  /**
   * Returns whether the holder may grant a permission to a key: the ceiling. One of Keyledger's own
   * must be held; any other must be covered by {@code keyledger:grant:<permission>}.
   */
  public boolean mayGrant(Permission permission) {
    if (permission.isKeyledgers()) {
      return holds(permission);
    }
    String grant = Permission.GRANT + permission.value();
    return permissions.stream().anyMatch(held -> Permission.covers(held.value(), grant));
  }

  @Override
  public String toString() {
    return permissions.toString();
  }

  private boolean patternsCover(String permission) {
    for (Permission pattern : patterns) {
      if (Permission.covers(pattern.value(), permission)) {
        return true;
      }
    }
    return false;
  }
}
