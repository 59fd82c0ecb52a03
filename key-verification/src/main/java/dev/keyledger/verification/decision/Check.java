package dev.keyledger.verification.decision;

import dev.keyledger.conditions.Permission;
import dev.keyledger.events.Environment;
import dev.keyledger.verification.secret.KeySecret;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A question about a key.
 *
 * @param key the secret that a client presented
 * @param workspace the tenant that asks; keys of other workspaces are unknown to it
 * @param environments the accepted environments, at least one
 * @param anyOf literal permissions of which one must be held; empty: no condition
 * @param allOf literal permissions that must all be held; empty: no condition
 * @param ip the client's address; null if unknown, which fails for every key with an IP list
 * @param explain whether to return the outcome of every condition, not only the first unmet one
 */
public record Check(
    KeySecret key,
    String workspace,
    Set<Environment> environments,
    List<Permission> anyOf,
    List<Permission> allOf,
    @Nullable String ip,
    boolean explain) {

  /** The environments of a check that specifies none. */
  public static final Set<Environment> LIVE_ONLY = Set.of(Environment.LIVE);

  /** The environments of a check that specifies "any". */
  public static final Set<Environment> ANY_ENVIRONMENT = Set.of(Environment.values());

  /**
   * @throws IllegalArgumentException if there is no environment, or a required permission is a
   *     pattern
   */
  public Check {
    environments = Set.copyOf(environments);
    anyOf = List.copyOf(anyOf);
    allOf = List.copyOf(allOf);
    if (environments.isEmpty()) {
      throw new IllegalArgumentException("a check needs at least one environment");
    }
    requireLiteral(anyOf);
    requireLiteral(allOf);
  }

  /** Returns a check without conditions: live environment, no permission, no address. */
  public static Check of(KeySecret key, String workspace) {
    return new Check(key, workspace, LIVE_ONLY, List.of(), List.of(), null, false);
  }

  private static void requireLiteral(List<Permission> required) {
    for (Permission permission : required) {
      if (!permission.isLiteral()) {
        throw new IllegalArgumentException("a required permission must not contain *");
      }
    }
  }
}
