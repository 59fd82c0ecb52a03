package dev.keyledger.checking.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.keyledger.access.Quota;
import dev.keyledger.access.Source;
import dev.keyledger.checking.FreshVerifier;
import dev.keyledger.checking.Verdict;
import dev.keyledger.checking.http.ForwardAuthQuery.Extra;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.HttpAnswer.Header;
import dev.keyledger.http.Problem;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.RateLimit;
import dev.keyledger.http.RequestTarget;
import dev.keyledger.http.StrictJson;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.http.freshness.WaitHeaders;
import dev.keyledger.http.request.ApiCalls;
import dev.keyledger.http.request.QueryString;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.decision.DecisionCode;
import dev.keyledger.verification.decision.PresentedKey;
import dev.keyledger.verification.secret.KeySecret;
import java.net.URLEncoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Decides for a gateway whether a client's request may pass: 200, 401 or 403. The data of the
 * client and of the gateway arrive in one request, so that only the client's key is trusted.
 *
 * <p>Thread-safe. Waits only if the settings have {@code atLeast}.
 */
final class ForwardAuth {
  private static final String NO_SETTINGS = "_";
  private static final String NO_VALUE = "-";
  private static final byte[] NO_BODY = {};
  private static final Header NOT_STORED = new Header("Cache-Control", "no-store");

  /** A sequence that some proxy may take for the end of a segment. */
  private static final Pattern SEPARATOR = Pattern.compile("[/\\\\]|%(?i:2f|5c)");

  /**
   * The answer to every key that is not valid, the same for all so that it does not reveal the
   * reason.
   */
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

  /** Returns whether the settings name a position to wait for; false if they are malformed. */
  static boolean namesPosition(ApiRequest request) {
    try {
      String settings = settings(request);
      if (settings == null || settings.indexOf('%') < 0) {
        return settings != null && settings.contains("atLeast");
      }
      return QueryString.parse(settings).containsKey("atLeast");
    } catch (ProblemException unreadable) {
      return false;
    }
  }

  /** Returns the answer to a request of any method. Its body is never read. */
  HttpAnswer answer(ApiRequest request) {
    if (!isFromGateway(request)) {
      return withoutGatewayToken(request);
    }
    ForwardAuthQuery query = queries.of(settings(request));
    if (hasDotSegment(request.path())) {
      return unauthorized(request);
    }
    if (query.atLeast() != null) {
      Freshness freshness = calls.freshness();
      freshness.await(
          query.atLeast(),
          () -> Source.of(calls.addresses().of(request)),
          freshness.index(),
          WaitHeaders.WAIT_DEFAULT);
    }
    KeySecret key = query.clientKey().in(request);
    if (key == null) {
      return unauthorized(request);
    }
    Verdict verdict =
        verifier
            .verify(query.check(key, calls.addresses().of(request)), query.maxAge())
            .orElseThrow(VerificationHandler::stale);
    Decision decision = verdict.decision();
    if (decision.code() == DecisionCode.INSUFFICIENT_PERMISSIONS) {
      return insufficientScope(request, query);
    }
    return decision.found() != null && decision.valid()
        ? passed(decision.found(), query, verdict.decidedAt())
        : unauthorized(request);
  }

  /**
   * Returns the settings of a request as a query string: its query, or the segment of its path
   * before the client's target; null if there are none.
   */
  private static @Nullable String settings(ApiRequest request) {
    String path = request.path();
    if (!RequestTarget.isAppended(path)) {
      return request.query();
    }
    String settings =
        path.substring(RequestTarget.FORWARD_AUTH_APPENDED.length(), endOfSettings(path));
    if (settings.isEmpty()) {
      throw ProblemException.unreadable("settings", "must be a query string, or _ for none");
    }
    return settings.equals(NO_SETTINGS) ? null : settings;
  }

  private static int endOfSettings(String path) {
    int slash = path.indexOf('/', RequestTarget.FORWARD_AUTH_APPENDED.length());
    return slash < 0 ? path.length() : slash;
  }

  /**
   * Returns whether the client's part of a path has a dot segment: a proxy that resolves it would
   * let the client choose the settings.
   */
  private static boolean hasDotSegment(String path) {
    if (!RequestTarget.isAppended(path)) {
      return false;
    }
    String ofClient = path.substring(endOfSettings(path));
    return (ofClient.indexOf('.') >= 0 || ofClient.indexOf('%') >= 0)
        && SEPARATOR.splitAsStream(ofClient).anyMatch(RequestTarget::isDotSegment);
  }

  /** Returns the one answer; an address that has sent too many invalid keys is asked to wait. */
  private HttpAnswer unauthorized(ApiRequest request) {
    return counted(request, UNAUTHORIZED);
  }

  private HttpAnswer withoutGatewayToken(ApiRequest request) {
    var problem =
        new ProblemException(
            ProblemCode.UNAUTHORIZED,
            "The gateway must send its own token in the header "
                + VerificationHandler.GATEWAY_TOKEN_HEADER
                + ".");
    return counted(request, Problem.answer(problem, request.requestId()));
  }

  private HttpAnswer counted(ApiRequest request, HttpAnswer refusal) {
    Quota.Usage usage = calls.limits().countFailure(request);
    return usage.granted()
        ? refusal
        : refusal.with(RateLimit.RETRY_AFTER, RateLimit.retryAfter(usage));
  }

  private boolean isFromGateway(ApiRequest request) {
    if (gatewayToken == null) {
      return true;
    }
    List<String> tokens = request.headers(VerificationHandler.GATEWAY_TOKEN_HEADER);
    return tokens.size() == 1 && gatewayToken.equals(KeySecret.of(tokens.getFirst()));
  }

  private static HttpAnswer insufficientScope(ApiRequest request, ForwardAuthQuery query) {
    var problem =
        new ProblemException(ProblemCode.FORBIDDEN, "The key does not hold what is required.");
    return Problem.answer(problem, request.requestId())
        .with(
            "WWW-Authenticate",
            "Bearer error=\"insufficient_scope\", scope=\"" + query.allText() + "\"");
  }

  /**
   * Returns the answer 200. No value is empty, because some proxies skip empty ones and would then
   * pass on the client's own header. All values are visible ASCII by their patterns, or encoded.
   */
  private static HttpAnswer passed(PresentedKey found, ForwardAuthQuery query, Instant now) {
    var headers = new ArrayList<Header>(12);
    headers.add(NOT_STORED);
    headers.add(new Header("X-Key-Id", found.keyId().value()));
    headers.add(new Header("X-Key-Owner", found.owner().toString()));
    headers.add(new Header("X-Key-Workspace", found.workspace()));
    headers.add(new Header("X-Key-Environment", found.environment().toString()));
    headers.add(new Header("X-Key-Permissions", text(query.heldBy(found.permissions()))));
    headers.add(new Header("X-Key-Expires-At", text(found.expiresAt())));
    headers.add(new Header("X-Key-Renew-Before", text(found.renewableUntil())));
    headers.add(new Header("X-Key-Rotation", rotation(found, now)));
    if (found.isRenewalDueAt(now)) {
      headers.add(new Header("Keyledger-Renewal-Due", text(found.expiresAt())));
    }
    if (query.extra().contains(Extra.NAME)) {
      String name = found.view().facts().name();
      headers.add(new Header("X-Key-Name", URLEncoder.encode(name, UTF_8).replace("+", "%20")));
    }
    if (query.extra().contains(Extra.METADATA)) {
      byte[] metadata = StrictJson.MAPPER.writeValueAsBytes(found.view().facts().metadata());
      headers.add(
          new Header(
              "X-Key-Metadata", Base64.getUrlEncoder().withoutPadding().encodeToString(metadata)));
    }
    return new HttpAnswer(200, headers, NO_BODY);
  }

  /**
   * Returns the header that informs a holder that the presented secret has a successor, with its
   * own end if that is known.
   */
  private static String rotation(PresentedKey found, Instant now) {
    if (found.generation() == found.currentGeneration()) {
      return NO_VALUE;
    }
    Instant end = found.overlapEndsAt(now);
    return end == null ? "superseded" : "superseded; until=" + UtcText.of(end);
  }

  private static String text(String value) {
    return value.isEmpty() ? NO_VALUE : value;
  }

  private static String text(@Nullable Instant time) {
    return time == null ? NO_VALUE : UtcText.of(time);
  }
}
