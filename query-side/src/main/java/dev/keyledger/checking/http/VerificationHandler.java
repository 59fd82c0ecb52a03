package dev.keyledger.checking.http;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.keyledger.access.Caller;
import dev.keyledger.checking.Explainer;
import dev.keyledger.checking.FreshVerifier;
import dev.keyledger.checking.Verdict;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.Problem;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.RequestHead;
import dev.keyledger.http.RequestId;
import dev.keyledger.http.RequestTarget;
import dev.keyledger.http.arrival.BodyLength;
import dev.keyledger.http.freshness.WaitHeaders;
import dev.keyledger.http.request.ApiCall;
import dev.keyledger.http.request.ApiCalls;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.log.UnreadableEventException;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.secret.KeySecret;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Answers requests for verification, independently of the transport.
 *
 * <p>Thread-safe. Decides from memory. Blocks its thread only for a request that names a position
 * to wait for, up to {@link WaitHeaders#WAIT_MAX}, or asks for an explanation, which is read from
 * the log.
 */
public final class VerificationHandler {
  /** The path of one check. */
  public static final String VERIFY = "/v1/verify";

  /** The path of a batch of checks. */
  public static final String VERIFY_BATCH = "/v1/verify/batch";

  /** The path of the checks of gateways. */
  public static final String FORWARD_AUTH = RequestTarget.FORWARD_AUTH;

  /** The header with the token by which a gateway authenticates itself. */
  public static final String GATEWAY_TOKEN_HEADER = "Keyledger-Gateway-Token";

  private static final Logger LOG = LoggerFactory.getLogger(VerificationHandler.class);
  private static final String VERIFY_METHODS = "POST, OPTIONS";
  private static final String HEALTH = "/actuator/health/";
  private static final Set<String> PROBES = Set.of(HEALTH + "liveness", HEALTH + "readiness");
  private static final String PROBE_METHODS = "GET, HEAD, OPTIONS";
  private static final String JSON = "application/json";
  private static final String PERMISSION = "verify";

  private final ApiCalls calls;
  private final FreshVerifier verifier;
  private final Explainer explainer;
  private final ForwardAuth forwardAuth;
  private final Probes probes;

  /** The probes of this node: liveness and readiness. */
  @FunctionalInterface
  public interface Probes {
    /**
     * Returns whether a probe succeeds.
     *
     * @param name {@code liveness} or {@code readiness}
     */
    boolean isUp(String name);
  }

  /**
   * @param gatewayToken the token that a gateway must present; null if it needs none
   * @param probes used on the fast port, where Spring does not answer
   */
  public VerificationHandler(
      ApiCalls calls,
      FreshVerifier verifier,
      Explainer explainer,
      @Nullable KeySecret gatewayToken,
      Probes probes) {
    this.probes = probes;
    this.calls = calls;
    this.verifier = verifier;
    this.explainer = explainer;
    this.forwardAuth = new ForwardAuth(calls, verifier, gatewayToken);
  }

  /**
   * Returns whether this handler answers requests for a path.
   *
   * @param path the path as sent: another spelling is another path
   */
  public boolean serves(String path) {
    return operation(path) != null;
  }

  /** Returns whether answers to a path, as sent, depend on the body. */
  public boolean readsBody(String path) {
    return path.equals(VERIFY) || path.equals(VERIFY_BATCH);
  }

  /**
   * Returns the path without the part that a gateway's client appended; null if nothing is served
   * there.
   *
   * @param path the path as sent
   */
  public static @Nullable String operation(String path) {
    return switch (path) {
      case VERIFY, VERIFY_BATCH -> path;
      default -> RequestTarget.isForwardAuth(path) ? FORWARD_AUTH : null;
    };
  }

  /**
   * Returns whether the answer may block its thread for longer than one check takes: the request is
   * a batch, names a position to wait for, or may ask for an explanation.
   */
  public boolean mayWait(ApiRequest request) {
    if (RequestTarget.isForwardAuth(request.path())) {
      return ForwardAuth.namesPosition(request);
    }
    return request.path().equals(VERIFY_BATCH)
        || PROBES.contains(request.path())
        || !request.headers(WaitHeaders.AT_LEAST).isEmpty()
        || mayExplain(request);
  }

  private static boolean mayExplain(ApiRequest request) {
    try {
      return CheckReader.mayExplain(request.body(BodyLength.BYTES_MAX));
    } catch (ProblemException tooLarge) {
      return false;
    }
  }

  /**
   * Returns the answer to a request whose body has not arrived in whole, as far as its head
   * suffices for it; null if the body is needed. A request that names a position is not answered,
   * because its caller may become known at that position.
   */
  public @Nullable HttpAnswer answerByHead(ApiRequest head) {
    if (RequestTarget.isForwardAuth(head.path())) {
      return mayWait(head) ? null : answer(head);
    }
    if (!readsBody(head.path())) {
      return PROBES.contains(head.path()) ? null : answer(head);
    }
    if (!head.method().equals("POST")) {
      return withoutCheck(head);
    }
    if (!head.headers(WaitHeaders.AT_LEAST).isEmpty()) {
      return null;
    }
    try {
      var _ = authorized(head);
      return null;
    } catch (ProblemException problem) {
      return Problem.answer(problem, head.requestId());
    }
  }

  /** Returns the answer to any request; {@code not-found} for a path that is not served here. */
  public HttpAnswer answer(ApiRequest request) {
    try {
      return switch (operation(request.path())) {
        case VERIFY ->
            verify(
                request,
                CheckReader::one,
                (body, one) ->
                    VerdictWriter.one(one.getFirst(), body.checks().getFirst().cacheable()));
        case VERIFY_BATCH ->
            verify(
                request,
                CheckReader::batch,
                (body, verdicts) ->
                    VerdictWriter.batch(body.entries(), verdicts, request.requestId()));
        case FORWARD_AUTH -> forwardAuth.answer(request);
        case null, default -> elsewhere(request);
      };
    } catch (ProblemException problem) {
      return Problem.answer(problem, request.requestId());
    } catch (StoreUnavailableException unavailable) {
      LOG.warn("A check was not explained: {}", unavailable.getMessage());
      return Problem.answer(
          new ProblemException(
              ProblemCode.STORE_UNAVAILABLE,
              "The log cannot be read now, so that nothing can be explained; the check without"
                  + " explain does not need it."),
          request.requestId());
    } catch (UnreadableEventException newer) {
      LOG.error("A check was not explained: {}", newer.getMessage());
      return Problem.answer(stale(), request.requestId());
    } catch (RuntimeException defect) {
      try (var _ = MDC.putCloseable(RequestId.LOG_KEY, request.requestId())) {
        LOG.error("Request {} failed", request.requestId(), defect);
      }
      return Problem.answer(
          new ProblemException(
              ProblemCode.INTERNAL_ERROR, "The log of this node says more about this request id."),
          request.requestId());
    }
  }

  /** Returns the refusal of a node whose knowledge of the log is too old. */
  static ProblemException stale() {
    return new ProblemException(
        ProblemCode.STALE, "This node has not heard of the log for too long to decide.");
  }

  private ApiCall authorized(ApiRequest request) {
    return calls.of(request).expectAccept(JSON).expectJson().authorize(PERMISSION);
  }

  private HttpAnswer verify(
      ApiRequest request,
      Function<byte[], CheckRequest.Body> read,
      BiFunction<CheckRequest.Body, List<Verdict>, byte[]> write) {
    if (!request.method().equals("POST")) {
      return withoutCheck(request);
    }
    ApiCall call = authorized(request).allowQuery();
    CheckRequest.Body asked = read.apply(call.jsonBody());
    Caller caller = call.caller();
    asked.requireWithinLimits();
    List<CheckRequest> checks = asked.checks();
    var verdicts = new ArrayList<Verdict>(checks.size());
    for (CheckRequest check : checks) {
      verdicts.add(
          verifier
              .verify(check.of(caller), check.maxAge())
              .orElseThrow(VerificationHandler::stale));
    }
    boolean explain = checks.stream().anyMatch(CheckRequest::explain);
    return new HttpAnswer(
        200,
        List.of(
            new HttpAnswer.Header("Content-Type", JSON),
            new HttpAnswer.Header("Cache-Control", "no-store"),
            new HttpAnswer.Header(RequestId.HEADER, request.requestId())),
        write.apply(asked, explain ? explained(checks, caller, verdicts) : verdicts));
  }

  private List<Verdict> explained(List<CheckRequest> asked, Caller caller, List<Verdict> verdicts) {
    List<Check> checks = asked.stream().map(check -> check.of(caller)).toList();
    return explainer.explain(checks, verdicts);
  }

  private HttpAnswer elsewhere(ApiRequest request) {
    if (request.path().equals(RequestTarget.SERVER)) {
      return RequestHead.optionsOfServer();
    }
    if (PROBES.contains(request.path())) {
      return probe(request);
    }
    throw new ProblemException(ProblemCode.NOT_FOUND, "There is nothing at this path.");
  }

  /**
   * Returns the answer of the main port to a request without a credential, whatever its content.
   */
  private HttpAnswer probe(ApiRequest request) {
    return switch (request.method()) {
      case "GET", "HEAD" -> {
        boolean up = probes.isUp(request.path().substring(HEALTH.length()));
        String body = up ? "{\"status\":\"UP\"}" : "{\"status\":\"DOWN\"}";
        yield new HttpAnswer(
            up ? 200 : 503,
            List.of(new HttpAnswer.Header("Content-Type", JSON)),
            request.method().equals("HEAD") ? new byte[0] : body.getBytes(US_ASCII));
      }
      case "OPTIONS" -> RequestHead.options(PROBE_METHODS, request.requestId());
      default -> notAllowed(request, PROBE_METHODS);
    };
  }

  /** Returns the answer to a method without a check: OPTIONS, or one that does not exist. */
  private static HttpAnswer withoutCheck(ApiRequest request) {
    if (request.method().equals("OPTIONS")) {
      return RequestHead.options(VERIFY_METHODS, request.requestId());
    }
    return notAllowed(request, VERIFY_METHODS);
  }

  private static HttpAnswer notAllowed(ApiRequest request, String methods) {
    var problem =
        new ProblemException(
            ProblemCode.METHOD_NOT_ALLOWED, "The header Allow lists the methods of this path.");
    return Problem.answer(problem, request.requestId()).with("Allow", methods);
  }
}
