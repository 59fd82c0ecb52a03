package dev.keyledger.checking.http;

import dev.keyledger.access.SourceQuota;
import dev.keyledger.checking.FreshVerifier;
import dev.keyledger.checking.Verdict;
import dev.keyledger.http.ApiCall;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.NodeGate;
import dev.keyledger.http.Problem;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.QueryString;
import dev.keyledger.http.RateLimit;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.decision.DecisionCode;
import dev.keyledger.verification.decision.PresentedKey;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Instant;
import java.util.List;
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
  private final RememberedTerms remembered = new RememberedTerms();

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
    ForwardTerms terms = remembered.of(request.query());
    if (terms.atLeast() != null) {
      gate.awaitApplied(terms.atLeast(), gate.index(), ApiCall.WAIT_DEFAULT);
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
    return key != null && ApiCall.isCredential(key) ? KeySecret.of(key) : null;
  }

  private static HttpAnswer insufficientScope(ApiRequest request) {
    var problem =
        new ProblemException(ProblemCode.FORBIDDEN, "The key does not hold what is required.");
    return Problem.answer(problem, request.requestId())
        .with("WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
  }

  /** All that it says is made of characters that our own patterns allow: safe in a header. */
  private static HttpAnswer passed(PresentedKey found, ForwardTerms terms) {
    return new HttpAnswer(
        204,
        List.of(
            NOT_STORED,
            new HttpAnswer.Header("X-Key-Id", found.keyId().value()),
            new HttpAnswer.Header("X-Key-Owner", found.owner().toString()),
            new HttpAnswer.Header("X-Key-Workspace", found.workspace()),
            new HttpAnswer.Header("X-Key-Permissions", terms.heldBy(found.permissions())),
            new HttpAnswer.Header("X-Key-Expires-At", text(found.expiresAt())),
            new HttpAnswer.Header("X-Key-Renew-Before", text(found.renewableUntil()))),
        NO_BODY);
  }

  private static String text(@Nullable Instant time) {
    return time == null ? "" : UtcText.of(time);
  }
}
