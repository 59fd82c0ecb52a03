package dev.keyledger.checking.http;

import dev.keyledger.access.Workspaces;
import dev.keyledger.events.Environment;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.QueryString;
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
 * What a gateway's configuration asks for of a key. Immutable.
 *
 * @param permissions literal permissions, each once
 * @param all whether all of them are required, or any one of them
 * @param allText all of them, as a header lists them
 * @param environments where the key may be good
 * @param atLeast the token of a position to wait for; null: none
 */
record ForwardTerms(
    List<Permission> permissions,
    boolean all,
    String allText,
    Set<Environment> environments,
    String workspace,
    @Nullable String atLeast) {
  private static final Pattern WORKSPACE = Pattern.compile("[a-z][a-z0-9-]{1,62}");

  /**
   * The terms that a query spells.
   *
   * @throws ProblemException with {@code bad-request} if it spells none: nothing is ever left out
   */
  static ForwardTerms read(@Nullable String query) {
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
        case "match" -> all = isAll(once(name, values));
        case "environment" -> environments = environments(once(name, values));
        case "workspace" -> workspace = workspace(once(name, values));
        case "atLeast" -> atLeast = once(name, values);
        default ->
            throw new ProblemException(
                ProblemCode.BAD_REQUEST, "The query has a parameter that is not known here.");
      }
    }
    return new ForwardTerms(
        permissions, all, joined(permissions, _ -> true), environments, workspace, atLeast);
  }

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

  /** Which of the permissions a key holds that fulfils the terms, as a header lists them. */
  String heldBy(PermissionSet held) {
    return all ? allText : joined(permissions, held::holds);
  }

  private static String joined(List<Permission> permissions, Predicate<Permission> which) {
    return permissions.stream()
        .filter(which)
        .map(Permission::value)
        .collect(Collectors.joining(","));
  }

  private static String once(String name, List<String> values) {
    if (values.size() > 1) {
      throw ProblemException.unreadable(name, "must be given once");
    }
    if (values.getFirst().isEmpty()) {
      throw ProblemException.unreadable(name, "must not be empty");
    }
    return values.getFirst();
  }

  private static List<Permission> permissions(List<String> values) {
    if (values.size() > CheckRequest.PERMISSIONS_MAX) {
      throw ProblemException.unreadable(
          "permission", "must be given at most " + CheckRequest.PERMISSIONS_MAX + " times");
    }
    try {
      return values.stream().map(RequiredTerms::permission).distinct().toList();
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
      return RequiredTerms.environments(text);
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
