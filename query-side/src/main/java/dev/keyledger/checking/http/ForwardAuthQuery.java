package dev.keyledger.checking.http;

import dev.keyledger.access.Workspaces;
import dev.keyledger.events.Environment;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.request.QueryParameters;
import dev.keyledger.http.request.QueryString;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Permission;
import dev.keyledger.verification.decision.PermissionSet;
import dev.keyledger.verification.secret.KeySecret;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The query of a {@code forward-auth} request: what the gateway's configuration requires of a key.
 * Immutable.
 *
 * @param permissions literal permissions, without duplicates
 * @param all whether all of them are required, or any one of them
 * @param allText all of them, as a header lists them
 * @param environments the environments in which the key may be valid
 * @param workspace the workspace of the key
 * @param atLeast the token of a position to wait for; null if there is none
 */
record ForwardAuthQuery(
    List<Permission> permissions,
    boolean all,
    String allText,
    Set<Environment> environments,
    String workspace,
    @Nullable String atLeast) {
  private static final Pattern WORKSPACE = Pattern.compile("[a-z][a-z0-9-]{1,62}");

  /**
   * Returns the content of a query.
   *
   * @throws ProblemException with {@code bad-request} if any part is malformed: no part is ignored
   */
  static ForwardAuthQuery read(@Nullable String query) {
    List<Permission> permissions = List.of();
    boolean all = true;
    Set<Environment> environments = Check.LIVE_ONLY;
    String workspace = Workspaces.DEFAULT;
    String atLeast = null;
    for (Map.Entry<String, List<String>> parameter : QueryString.parse(query).entrySet()) {
      String name = parameter.getKey();
      List<String> values = parameter.getValue();
      switch (name) {
        case "permission" -> permissions = permissions(values);
        case "match" -> all = isAll(QueryParameters.single(name, values));
        case "environment" -> environments = environments(QueryParameters.single(name, values));
        case "workspace" -> workspace = workspace(QueryParameters.single(name, values));
        case "atLeast" -> atLeast = QueryParameters.single(name, values);
        default -> throw QueryParameters.unknown();
      }
    }
    return new ForwardAuthQuery(
        permissions, all, joined(permissions, _ -> true), environments, workspace, atLeast);
  }

  /** Returns the check of a key that a client at an address presents. */
  Check check(KeySecret key, String address) {
    return new Check(
        key,
        workspace,
        environments,
        all ? List.of() : permissions,
        all ? permissions : List.of(),
        address,
        false);
  }

  /** Returns the permissions that a key which passed holds, as a header lists them. */
  String heldBy(PermissionSet held) {
    return all ? allText : joined(permissions, held::holds);
  }

  private static String joined(List<Permission> permissions, Predicate<Permission> which) {
    return permissions.stream()
        .filter(which)
        .map(Permission::value)
        .collect(Collectors.joining(","));
  }

  private static List<Permission> permissions(List<String> values) {
    if (values.size() > CheckRequest.PERMISSIONS_MAX) {
      throw ProblemException.unreadable(
          "permission", "must be given at most " + CheckRequest.PERMISSIONS_MAX + " times");
    }
    try {
      return values.stream().map(CheckSyntax::permission).distinct().toList();
    } catch (IllegalArgumentException wrong) {
      throw ProblemException.unreadable("permission", String.valueOf(wrong.getMessage()));
    }
  }

  private static boolean isAll(String match) {
    return switch (match) {
      case "all" -> true;
      case "any" -> false;
      default -> throw ProblemException.unreadable("match", "must be one of all, any");
    };
  }

  private static Set<Environment> environments(String text) {
    try {
      return CheckSyntax.environments(text);
    } catch (IllegalArgumentException wrong) {
      throw ProblemException.unreadable("environment", String.valueOf(wrong.getMessage()));
    }
  }

  private static String workspace(String name) {
    if (!WORKSPACE.matcher(name).matches()) {
      throw ProblemException.unreadable(
          "workspace", "must be 2 to 63 characters of a-z 0-9 -, the first a letter");
    }
    return name;
  }
}
