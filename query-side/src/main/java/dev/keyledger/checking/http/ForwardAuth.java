package dev.keyledger.checking.http;

import dev.keyledger.access.SourceQuota;
import dev.keyledger.access.Workspaces;
import dev.keyledger.access.http.ApiCall;
import dev.keyledger.access.http.ApiRequest;
import dev.keyledger.access.http.HttpAnswer;
import dev.keyledger.access.http.NodeGate;
import dev.keyledger.access.http.Problem;
import dev.keyledger.access.http.ProblemCode;
import dev.keyledger.access.http.ProblemException;
import dev.keyledger.access.http.QueryString;
import dev.keyledger.access.http.RateLimit;
import dev.keyledger.checking.FreshVerifier;
import dev.keyledger.checking.Verdict;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.Validity;
import dev.keyledger.verification.Check;
import dev.keyledger.verification.Decision;
import dev.keyledger.verification.DecisionCode;
import dev.keyledger.verification.FoundKey;
import dev.keyledger.verification.KeySecret;
import dev.keyledger.verification.Permission;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Says to a gateway whether a client's request may pass: 204, 401 or 403. What the client sends and
 * what the gateway adds arrive in one request, so nothing of the client's is trusted but its key.
 *
 * <p>Thread-safe. Waits only if {@code atLeast} is given.
 */
final class ForwardAuth {
  /** The header by which the gateway shows that it is one. */
  static final String GATEWAY_TOKEN_HEADER = "Keyledger-Gateway-Token";

  static final String ALLOWED_METHODS = "GET, HEAD, POST";

  private static final String API_KEY_HEADER = "X-API-Key";
  private static final Pattern API_KEY = Pattern.compile("[!-+\\--~]{1,512}");
  private static final Pattern WORKSPACE = Pattern.compile("[a-z][a-z0-9-]{1,62}");
  private static final byte[] NO_BODY = {};
  private static final HttpAnswer.Header NOT_STORED =
      new HttpAnswer.Header("Cache-Control", "no-store");

  /** The one answer for whatever is not good, so that it tells nothing of why. */
  private static final HttpAnswer UNAUTHORIZED =
      Problem.constantAnswer(
          new ProblemException(ProblemCode.UNAUTHORIZED, "Send one key that is good here."));

  private final NodeGate gate;
  private final FreshVerifier verifier;
  private final @Nullable KeySecret gatewayToken;

  /**
   * The face of that verifier.
   *
   * @param gatewayToken what the gateway must show; null: nothing
   */
  ForwardAuth(NodeGate gate, FreshVerifier verifier, @Nullable KeySecret gatewayToken) {
    this.gate = gate;
    this.verifier = verifier;
    this.gatewayToken = gatewayToken;
  }

  /** Whether the query names a position to wait for; false if it cannot be read. */
  static boolean namesPosition(String query) {
    if (query.indexOf('%') < 0) {
      return query.contains("atLeast");
    }
    try {
      return QueryString.parse(query).containsKey("atLeast");
    } catch (ProblemException unreadable) {
      return false;
    }
  }

  /** The answer to a request of one of the allowed methods, whose body is never read. */
  HttpAnswer answer(ApiRequest request) {
    Terms terms = Terms.read(request.query());
    if (terms.atLeast != null) {
      gate.awaitApplied(terms.atLeast, gate.index(), ApiCall.WAIT_DEFAULT);
    }
    KeySecret key = isFromGateway(request) ? presentedKey(request) : null;
    if (key == null) {
      return unauthorized(request);
    }
    Verdict verdict =
        verifier
            .verify(terms.check(key, gate.addressOf(request)), FreshVerifier.AGE_MAX)
            .orElseThrow(VerificationHandler::stale);
    Decision decision = verdict.decision();
    if (decision.code() == DecisionCode.INSUFFICIENT_PERMISSIONS) {
      return insufficientScope(request);
    }
    return decision.found() != null && decision.valid()
        ? passed(decision.found(), terms)
        : unauthorized(request);
  }

  /** The one answer; only a source that has sent too many is told to wait, whatever it sent. */
  private HttpAnswer unauthorized(ApiRequest request) {
    SourceQuota.Usage usage = gate.countFailure(request);
    return usage.granted()
        ? UNAUTHORIZED
        : UNAUTHORIZED.with(RateLimit.RETRY_AFTER, RateLimit.retryAfter(usage));
  }

  /**
   * What the gateway's configuration asks for.
   *
   * @param all whether all permissions are required, or any one of them
   */
  private record Terms(
      List<Permission> permissions,
      boolean all,
      Set<Environment> environments,
      String workspace,
      @Nullable String atLeast) {

    static Terms read(@Nullable String query) {
      Map<String, List<String>> parameters = QueryString.parse(query);
      var permissions = new ArrayList<Permission>();
      boolean all = true;
      Set<Environment> environments = Check.LIVE_ONLY;
      String workspace = Workspaces.DEFAULT;
      String atLeast = null;
      for (Map.Entry<String, List<String>> parameter : parameters.entrySet()) {
        String name = parameter.getKey();
        List<String> values = parameter.getValue();
        switch (name) {
          case "permission" -> permissions.addAll(permissions(values));
          case "match" -> all = isAll(once(name, values));
          case "environment" -> environments = environments(once(name, values));
          case "workspace" -> workspace = workspace(once(name, values));
          case "atLeast" -> atLeast = once(name, values);
          default ->
              throw new ProblemException(
                  ProblemCode.BAD_REQUEST, "The query has a parameter that is not known here.");
        }
      }
      return new Terms(permissions, all, environments, workspace, atLeast);
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

  private boolean isFromGateway(ApiRequest request) {
    if (gatewayToken == null) {
      return true;
    }
    List<String> tokens = request.headers(GATEWAY_TOKEN_HEADER);
    return tokens.size() == 1 && gatewayToken.equals(KeySecret.of(tokens.getFirst()));
  }

  /** The client's key, or null unless exactly one is presented in one of the two ways. */
  private static @Nullable KeySecret presentedKey(ApiRequest request) {
    List<String> authorizations = request.headers("Authorization");
    List<String> apiKeys = request.headers(API_KEY_HEADER);
    if (authorizations.size() + apiKeys.size() != 1) {
      return null;
    }
    String key = apiKeys.isEmpty() ? ApiCall.bearer(authorizations.getFirst()) : apiKeys.getFirst();
    return key != null && API_KEY.matcher(key).matches() ? KeySecret.of(key) : null;
  }

  private static HttpAnswer insufficientScope(ApiRequest request) {
    var problem =
        new ProblemException(ProblemCode.FORBIDDEN, "The key does not hold what is required.");
    return Problem.answer(problem, request.requestId())
        .with("WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
  }

  /** All that it says is made of characters that our own patterns allow: safe in a header. */
  private static HttpAnswer passed(FoundKey found, Terms terms) {
    KeyView key = found.view();
    Validity validity = key.facts().validity();
    return new HttpAnswer(
        204,
        List.of(
            NOT_STORED,
            new HttpAnswer.Header("X-Key-Id", key.keyId().value()),
            new HttpAnswer.Header("X-Key-Owner", key.facts().owner().toString()),
            new HttpAnswer.Header("X-Key-Workspace", key.workspace()),
            new HttpAnswer.Header("X-Key-Permissions", held(found, terms)),
            new HttpAnswer.Header("X-Key-Expires-At", text(validity.expiresAt())),
            new HttpAnswer.Header("X-Key-Renew-Before", text(validity.renewableUntil()))),
        NO_BODY);
  }

  private static String held(FoundKey found, Terms terms) {
    Stream<Permission> held = terms.permissions.stream();
    if (!terms.all) {
      held = held.filter(found.permissions()::holds);
    }
    return held.map(Permission::value).collect(Collectors.joining(","));
  }

  private static String text(@Nullable Instant time) {
    return time == null ? "" : time.toString();
  }
}
