package dev.keyledger.checking.http;

import dev.keyledger.access.Caller;
import dev.keyledger.checking.Explainer;
import dev.keyledger.checking.FreshVerifier;
import dev.keyledger.checking.Verdict;
import dev.keyledger.http.ApiCall;
import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.NodeGate;
import dev.keyledger.http.Problem;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.RequestId;
import dev.keyledger.log.StoreUnavailableException;
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
 * Answers every request for verification, for whatever transport received it.
 *
 * <p>Thread-safe. Everything is decided from memory; only a request that names a position, in the
 * header {@code Keyledger-At-Least} or the parameter {@code atLeast}, may keep its thread waiting,
 * {@link ApiCall#WAIT_MAX} at most, one that wants an explanation, which is read from the log, and
 * one that reads its body from a connection.
 */
public final class VerificationHandler {
  /** One check. */
  public static final String VERIFY = "/v1/verify";

  /** Many checks. */
  public static final String VERIFY_BATCH = "/v1/verify/batch";

  /** What gateways ask. */
  public static final String FORWARD_AUTH = "/v1/forward-auth";

  /** The most bytes of a body, of a batch too. */
  public static final int BODY_BYTES_MAX = ApiCall.BODY_BYTES_MAX;

  private static final Logger LOG = LoggerFactory.getLogger(VerificationHandler.class);
  private static final Set<String> FORWARD_AUTH_METHODS = Set.of("GET", "HEAD", "POST");
  private static final String PERMISSION = "verify";

  private final NodeGate gate;
  private final FreshVerifier verifier;
  private final Explainer explainer;
  private final ForwardAuth forwardAuth;

  /**
   * The faces of that verifier.
   *
   * @param gatewayToken what {@code forward-auth} wants of a gateway; null: nothing
   */
  public VerificationHandler(
      NodeGate gate,
      FreshVerifier verifier,
      Explainer explainer,
      @Nullable KeySecret gatewayToken) {
    this.gate = gate;
    this.verifier = verifier;
    this.explainer = explainer;
    this.forwardAuth = new ForwardAuth(gate, verifier, gatewayToken);
  }

  /**
   * Whether requests for that path are answered here.
   *
   * @param path as sent: another spelling of a path is another path
   */
  public boolean serves(String path) {
    return switch (path) {
      case VERIFY, VERIFY_BATCH, FORWARD_AUTH -> true;
      default -> false;
    };
  }

  /**
   * Whether the answer may keep the thread waiting: the request names a position, or may want an
   * explanation.
   */
  public boolean mayWait(ApiRequest request) {
    if (request.path().equals(FORWARD_AUTH)) {
      String query = request.query();
      return query != null && ForwardAuth.namesPosition(query);
    }
    return !request.headers(ApiCall.AT_LEAST_HEADER).isEmpty() || mayExplain(request);
  }

  private static boolean mayExplain(ApiRequest request) {
    try {
      return CheckReader.mayExplain(request.body(BODY_BYTES_MAX));
    } catch (ProblemException tooLarge) {
      return false;
    }
  }

  /** The answer; {@code not-found} for a path that is not served here. Never throws for input. */
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
      LOG.warn("No explanation: {}", unavailable.getMessage());
      return Problem.answer(
          new ProblemException(
              ProblemCode.STORE_UNAVAILABLE,
              "The log cannot be read now, so that nothing can be explained; the check without"
                  + " explain does not need it."),
          request.requestId());
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

  /** The refusal of a node that does not know enough of the log's latest. */
  static ProblemException stale() {
    return new ProblemException(
        ProblemCode.STALE, "This node has not heard of the log for too long to decide.");
  }

  private HttpAnswer verify(
      ApiRequest request,
      Function<byte[], CheckRequest.Body> read,
      Function<List<Verdict>, byte[]> write) {
    ApiCall call = gate.open(request);
    byte[] body = call.jsonBody(BODY_BYTES_MAX);
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
