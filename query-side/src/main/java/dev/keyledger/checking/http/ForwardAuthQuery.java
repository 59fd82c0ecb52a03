package dev.keyledger.checking.http;

import dev.keyledger.access.Workspaces;
import dev.keyledger.checking.FreshVerifier;
import dev.keyledger.conditions.Permission;
import dev.keyledger.conditions.PermissionSet;
import dev.keyledger.events.Environment;
import dev.keyledger.http.IsoDuration;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.request.QueryParameters;
import dev.keyledger.http.request.QueryString;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a {@code forward-auth} request: the requirements of the gateway's configuration.
 * Immutable.
 *
 * @param permissions literal permissions, without duplicates
 * @param all whether all of them are required, or any one of them
 * @param allText all of them, in the form of a header
 * @param environments the environments in which the key may be valid
 * @param workspace the workspace of the key
 * @param atLeast the token of a position to wait for; null if there is none
 * @param maxAge the maximum staleness of the answering node; null for the node's own limit
 * @param clientKey the places of the client's key
 * @param extra the optional headers of the answer
 */
record ForwardAuthQuery(
    List<Permission> permissions,
    boolean all,
    String allText,
    Set<Environment> environments,
    String workspace,
    @Nullable String atLeast,
    @Nullable Duration maxAge,
    ClientKey clientKey,
    Set<Extra> extra) {
  /** The optional details about a key in an answer. */
  enum Extra {
    NAME,
    METADATA
  }

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
    Duration maxAge = null;
    ClientKey clientKey = ClientKey.USUAL;
    Set<Extra> extra = Set.of();
    for (Map.Entry<String, List<String>> parameter : QueryString.parse(query).entrySet()) {
      String name = parameter.getKey();
      List<String> values = parameter.getValue();
      switch (name) {
        case "permission" -> permissions = permissions(values);
        case "match" -> all = single(name, values, ForwardAuthQuery::isAll);
        case "environment" -> environments = single(name, values, CheckSyntax::environments);
        case "workspace" -> workspace = single(name, values, ForwardAuthQuery::workspace);
        case "atLeast" -> atLeast = QueryParameters.single(name, values);
        case "maxAge" -> maxAge = single(name, values, ForwardAuthQuery::age);
        case "credential" -> clientKey = single(name, values, ClientKey::parse);
        case "headers" -> extra = single(name, values, ForwardAuthQuery::extra);
        default -> throw QueryParameters.unknown();
      }
    }
    return new ForwardAuthQuery(
        permissions,
        all,
        joined(permissions.stream()),
        environments,
        workspace,
        atLeast,
        maxAge,
        clientKey,
        extra);
  }

  /** Returns the check of a key that a client at an address presents. */
  Check check(KeySecret key, @Nullable String address) {
    return new Check(
        key,
        workspace,
        environments,
        all ? List.of() : permissions,
        all ? permissions : List.of(),
        address,
        false);
  }

  /**
   * Returns the permissions of a key that passed, in the form of a header: the required ones that
   * it holds, or all that it has if none is required.
   */
  String heldBy(PermissionSet held) {
    if (permissions.isEmpty()) {
      return joined(held.permissions().stream());
    }
    return all ? allText : joined(permissions.stream().filter(held::holds));
  }

  private static String joined(Stream<Permission> permissions) {
    return permissions.map(Permission::value).collect(Collectors.joining(" "));
  }

  private static List<Permission> permissions(List<String> values) {
    if (values.size() > CheckRequest.PERMISSIONS_MAX) {
      throw ProblemException.unreadable(
          "permission", "must be given at most " + CheckRequest.PERMISSIONS_MAX + " times");
    }
    return parsed(
        "permission", values, all -> all.stream().map(CheckSyntax::permission).distinct().toList());
  }

  private static <T> T single(String name, List<String> values, Function<String, T> parse) {
    return parsed(name, QueryParameters.single(name, values), parse);
  }

  private static <S, T> T parsed(String name, S value, Function<S, T> parse) {
    try {
      return parse.apply(value);
    } catch (IllegalArgumentException wrong) {
      throw ProblemException.unreadable(name, String.valueOf(wrong.getMessage()));
    }
  }

  private static boolean isAll(String match) {
    return switch (match) {
      case "all" -> true;
      case "any" -> false;
      default -> throw new IllegalArgumentException("must be one of all, any");
    };
  }

  private static String workspace(String name) {
    if (!WORKSPACE.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "must be 2 to 63 characters of a-z 0-9 -, the first a letter");
    }
    return name;
  }

  private static Duration age(String text) {
    Duration age = IsoDuration.parse(text);
    if (age.compareTo(FreshVerifier.AGE_MAX) > 0) {
      throw new IllegalArgumentException("must be at most " + FreshVerifier.AGE_MAX);
    }
    return age;
  }

  private static Set<Extra> extra(String text) {
    var extra = EnumSet.noneOf(Extra.class);
    for (String name : text.split(",", -1)) {
      extra.add(
          switch (name) {
            case "name" -> Extra.NAME;
            case "metadata" -> Extra.METADATA;
            default -> throw new IllegalArgumentException("must be some of name, metadata");
          });
    }
    return extra;
  }
}
