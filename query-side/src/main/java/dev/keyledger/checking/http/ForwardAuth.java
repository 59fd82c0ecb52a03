package dev.keyledger.checking.http;

import dev.keyledger.access.Quota;
import dev.keyledger.access.Source;
import dev.keyledger.checking.FreshVerifier;
import dev.keyledger.checking.Verdict;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.Problem;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.RateLimit;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.http.freshness.WaitHeaders;
import dev.keyledger.http.request.ApiCalls;
import dev.keyledger.http.request.BearerCredential;
import dev.keyledger.http.request.QueryString;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.decision.DecisionCode;
import dev.keyledger.verification.decision.PresentedKey;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells a gateway whether a client's request may pass: 204, 401 or 403. What the client sends and
 * what the gateway adds arrive in one request, so only the client's key is trusted.
 *
 * <p>Thread-safe. Waits only if the query has {@code atLeast}.
 */
final class ForwardAuth {
  /** The header with the token that the gateway authenticates itself with. */
  static final String GATEWAY_TOKEN_HEADER = "Keyledger-Gateway-Token";

  static final String ALLOWED_METHODS = "GET, HEAD, POST";

  private static final String API_KEY_HEADER = "X-API-Key";
  private static final byte[] NO_BODY = {};
  private static final HttpAnswer.Header NOT_STORED =
      new HttpAnswer.Header("Cache-Control", "no-store");

  /** The same answer for every key that is not good, so that it does not reveal the reason. */
  private static final HttpAnswer UNAUTHORIZED =
      Problem.constantAnswer(
          new ProblemException(ProblemCode.UNAUTHORIZED, "Send one key that is good here."));

  private final ApiCalls calls;
  private final FreshVerifier verifier;
  private final @Nullable KeySecret gatewayToken;
  private final ForwardAuthQueryCache queries = new ForwardAuthQueryCache();

  /**
   * @param gatewayToken the token that the gateway must present; null if it needs none
   */
  ForwardAuth(ApiCalls calls, FreshVerifier verifier, @Nullable KeySecret gatewayToken) {
    this.calls = calls;
    this.verifier = verifier;
    this.gatewayToken = gatewayToken;
  }

  /** Returns whether a query names a position to wait for; false if it is malformed. */
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

  /** Returns the answer to a request with an allowed method. Its body is never read. */
  HttpAnswer answer(ApiRequest request) {
    ForwardAuthQuery query = queries.of(request.query());
    if (query.atLeast() != null) {
      Freshness freshness = calls.freshness();
      freshness.await(
          query.atLeast(),
          () -> Source.of(calls.addresses().of(request)),
          freshness.index(),
          WaitHeaders.WAIT_DEFAULT);
    }
    KeySecret key = isFromGateway(request) ? presentedKey(request) : null;
    if (key == null) {
      return unauthorized(request);
    }
    Verdict verdict =
        verifier
            .verify(query.check(key, calls.addresses().of(request)), null)
            .orElseThrow(VerificationHandler::stale);
    Decision decision = verdict.decision();
    if (decision.code() == DecisionCode.INSUFFICIENT_PERMISSIONS) {
      return insufficientScope(request);
    }
    return decision.found() != null && decision.valid()
        ? passed(decision.found(), query)
        : unauthorized(request);
  }

  /** Returns the one answer; an address that has sent too many bad keys is told to wait. */
  private HttpAnswer unauthorized(ApiRequest request) {
    Quota.Usage usage = calls.limits().countFailure(request);
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

  /** Returns the client's key; null unless exactly one is presented, in one of two headers. */
  private static @Nullable KeySecret presentedKey(ApiRequest request) {
    List<String> authorizations = request.headers("Authorization");
    List<String> apiKeys = request.headers(API_KEY_HEADER);
    if (authorizations.size() + apiKeys.size() != 1) {
      return null;
    }
    String key =
        apiKeys.isEmpty() ? BearerCredential.parse(authorizations.getFirst()) : apiKeys.getFirst();
    return key != null && BearerCredential.isWellFormed(key) ? KeySecret.of(key) : null;
  }

  private static HttpAnswer insufficientScope(ApiRequest request) {
    var problem =
        new ProblemException(ProblemCode.FORBIDDEN, "The key does not hold what is required.");
    return Problem.answer(problem, request.requestId())
        .with("WWW-Authenticate", "Bearer error=\"insufficient_scope\"");
  }

  /**
   * Returns the answer 204. Its values match our own patterns, which allow no control characters.
   */
  private static HttpAnswer passed(PresentedKey found, ForwardAuthQuery query) {
    return new HttpAnswer(
        204,
        List.of(
            NOT_STORED,
            new HttpAnswer.Header("X-Key-Id", found.keyId().value()),
            new HttpAnswer.Header("X-Key-Owner", found.owner().toString()),
            new HttpAnswer.Header("X-Key-Workspace", found.workspace()),
            new HttpAnswer.Header("X-Key-Permissions", query.heldBy(found.permissions())),
            new HttpAnswer.Header("X-Key-Expires-At", text(found.expiresAt())),
            new HttpAnswer.Header("X-Key-Renew-Before", text(found.renewableUntil()))),
        NO_BODY);
  }

  private static String text(@Nullable Instant time) {
    return time == null ? "" : UtcText.of(time);
  }
}
