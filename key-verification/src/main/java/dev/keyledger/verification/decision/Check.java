package dev.keyledger.verification.decision;

import dev.keyledger.events.Environment;
import dev.keyledger.verification.secret.KeySecret;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is asked about a key.
 *
 * @param key the string that a client presented
 * @param workspace the tenant that asks; keys of others are not known to it
 * @param environments where the key may be good, one at least
 * @param anyOf literal permissions of which one must be held; empty: no condition
 * @param allOf literal permissions all of which must be held; empty: no condition
 * @param ip the address of the client; null: unknown, which no key with an IP list is good for
 * @param explain whether the outcome of every condition is wanted, and not only the first unmet one
 */
public record Check(
    KeySecret key,
    String workspace,
    Set<Environment> environments,
    List<Permission> anyOf,
    List<Permission> allOf,
    @Nullable String ip,
    boolean explain) {

  /** The environments of a check that names none. */
  public static final Set<Environment> LIVE_ONLY = Set.of(Environment.LIVE);

  /** The environments of a check that says "any". */
  public static final Set<Environment> ANY_ENVIRONMENT = Set.of(Environment.values());

  /**
   * @throws IllegalArgumentException if no environment is named or a required permission is a
   *     pattern
   */
  public Check {
    environments = Set.copyOf(environments);
    anyOf = List.copyOf(anyOf);
    allOf = List.copyOf(allOf);
    if (environments.isEmpty()) {
      throw new IllegalArgumentException("a check names an environment");
    }
    requireLiteral(anyOf);
    requireLiteral(allOf);
  }

  /** A check of the key alone: live, no permission asked for, no address known. */
  public static Check of(KeySecret key, String workspace) {
    return new Check(key, workspace, LIVE_ONLY, List.of(), List.of(), null, false);
  }

  private static void requireLiteral(List<Permission> required) {
    for (Permission permission : required) {
      if (!permission.isLiteral()) {
        throw new IllegalArgumentException("a required permission holds no *");
      }
    }
  }
}
