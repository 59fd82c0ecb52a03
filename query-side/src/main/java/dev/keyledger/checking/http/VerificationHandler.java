package dev.keyledger.checking.http;

import dev.keyledger.access.Caller;
import dev.keyledger.checking.Explainer;
import dev.keyledger.checking.FreshVerifier;
import dev.keyledger.checking.Verdict;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.Problem;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.RequestId;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Answers requests for verification, whatever transport received them.
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
  public static final String FORWARD_AUTH = "/v1/forward-auth";

  private static final Logger LOG = LoggerFactory.getLogger(VerificationHandler.class);
  private static final Set<String> FORWARD_AUTH_METHODS = Set.of("GET", "HEAD", "POST");
  private static final String PERMISSION = "verify";

  private final ApiCalls calls;
  private final FreshVerifier verifier;
  private final Explainer explainer;
  private final ForwardAuth forwardAuth;

  /**
   * @param gatewayToken the token that a gateway must present; null if it needs none
   */
  public VerificationHandler(
      ApiCalls calls,
      FreshVerifier verifier,
      Explainer explainer,
      @Nullable KeySecret gatewayToken) {
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
    return switch (path) {
      case VERIFY, VERIFY_BATCH, FORWARD_AUTH -> true;
      default -> false;
    };
  }

  /**
   * Returns whether the answer may block its thread for longer than one check takes: the request is
   * a batch, names a position to wait for, or may ask for an explanation.
   */
  public boolean mayWait(ApiRequest request) {
    if (request.path().equals(FORWARD_AUTH)) {
      String query = request.query();
      return query != null && ForwardAuth.namesPosition(query);
    }
    return request.path().equals(VERIFY_BATCH)
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
   * Returns the refusal of a request whose body has not arrived in whole, as far as its head tells;
   * null if it is not refused. A request that names a position is not refused, because its caller
   * may become known at that position.
   */
  public @Nullable HttpAnswer refusal(ApiRequest head) {
    if (!head.path().equals(VERIFY) && !head.path().equals(VERIFY_BATCH)) {
      return null;
    }
    if (!head.method().equals("POST")) {
      return methodNotAllowed(head, "POST");
    }
    if (!head.headers(WaitHeaders.AT_LEAST).isEmpty()) {
      return null;
    }
    try {
      var _ = calls.of(head).authorize(PERMISSION);
      return null;
    } catch (ProblemException problem) {
      return Problem.answer(problem, head.requestId());
    }
  }

  /** Returns the answer to any request; {@code not-found} for a path that is not served here. */
  public HttpAnswer answer(ApiRequest request) {
    try {
      return switch (request.path()) {
        case VERIFY -> verify(request, CheckReader::one, one -> VerdictWriter.one(one.getFirst()));
        case VERIFY_BATCH -> verify(request, CheckReader::batch, VerdictWriter::batch);
        case FORWARD_AUTH ->
            FORWARD_AUTH_METHODS.contains(request.method())
                ? forwardAuth.answer(request)
                : methodNotAllowed(request, ForwardAuth.ALLOWED_METHODS);
        default ->
            throw new ProblemException(ProblemCode.NOT_FOUND, "There is nothing at this path.");
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

  private HttpAnswer verify(
      ApiRequest request,
      Function<byte[], CheckRequest.Body> read,
      Function<List<Verdict>, byte[]> write) {
    ApiCall call = calls.of(request);
    byte[] body = call.jsonBody();
    if (!request.method().equals("POST")) {
      return methodNotAllowed(request, "POST");
    }
    CheckRequest.Body asked = read.apply(body);
    call.allowQuery();
    Caller caller = call.authorize(PERMISSION);
    asked.requireWithinLimits();
    var verdicts = new ArrayList<Verdict>(asked.checks().size());
    for (CheckRequest check : asked.checks()) {
      verdicts.add(
          verifier
              .verify(check.in(caller.workspace()), check.maxAge())
              .orElseThrow(VerificationHandler::stale));
    }
    boolean explain = asked.checks().stream().anyMatch(CheckRequest::explain);
    return new HttpAnswer(
        200,
        List.of(
            new HttpAnswer.Header("Content-Type", "application/json"),
            new HttpAnswer.Header("Cache-Control", "no-store"),
            new HttpAnswer.Header(RequestId.HEADER, request.requestId())),
        write.apply(explain ? explained(asked, caller, verdicts) : verdicts));
  }

  private List<Verdict> explained(CheckRequest.Body asked, Caller caller, List<Verdict> verdicts) {
    List<Check> checks =
        asked.checks().stream().map(check -> check.in(caller.workspace())).toList();
    return explainer.explain(checks, verdicts);
  }

  private static HttpAnswer methodNotAllowed(ApiRequest request, String allowed) {
    var problem =
        new ProblemException(
            ProblemCode.METHOD_NOT_ALLOWED, "The header Allow lists the methods of this path.");
    return Problem.answer(problem, request.requestId()).with("Allow", allowed);
  }
}
