package dev.keyledger.http;

import dev.keyledger.access.Authenticator;
import dev.keyledger.access.Credential;
import dev.keyledger.access.Identity;
import dev.keyledger.access.SourceQuota;
import dev.keyledger.access.StaleKnowledgeException;
import dev.keyledger.access.Workspaces;
import dev.keyledger.log.AppliedLog;
import dev.keyledger.log.InvalidPositionTokenException;
import dev.keyledger.log.PositionTokens;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/**
 * Hands whoever answers a request its {@link ApiCall}, and answers what the call asks of this node.
 * Thread-safe.
 */
public final class NodeGate implements ApiCall.Gate, HandlerMethodArgumentResolver {
  private final List<Authenticator> authenticators;
  private final Workspaces workspaces;
  private final PositionTokens tokens;
  private final AppliedLog log;
  private final ClientAddress addresses;
  private final WaitingRoom waitingRoom;
  private final SourceQuota failures;
  private final SourceQuota secrets;

  /**
   * @param authenticators asked in this order
   * @param failures how many credentials that are not good a source may present
   * @param secrets how many secrets it may have looked for without a credential
   */
  public NodeGate(
      List<Authenticator> authenticators,
      Workspaces workspaces,
      PositionTokens tokens,
      AppliedLog log,
      ClientAddress addresses,
      WaitingRoom waitingRoom,
      SourceQuota failures,
      SourceQuota secrets) {
    this.authenticators = List.copyOf(authenticators);
    this.workspaces = workspaces;
    this.tokens = tokens;
    this.log = log;
    this.addresses = addresses;
    this.waitingRoom = waitingRoom;
    this.failures = failures;
    this.secrets = secrets;
  }

  /** The request, ready to be taken apart. */
  public ApiCall open(ApiRequest request) {
    return new ApiCall(request, this);
  }

  @Override
  public Optional<Identity> identify(Credential credential) {
    try {
      for (Authenticator authenticator : authenticators) {
        Optional<Identity> identity = authenticator.authenticate(credential);
        if (identity.isPresent()) {
          return identity;
        }
      }
      return Optional.empty();
    } catch (StaleKnowledgeException stale) {
      throw new ProblemException(
          ProblemCode.STALE, "This node has not heard of the log for too long to know operators.");
    }
  }

  @Override
  public boolean workspaceExists(String workspace) {
    return workspaces.find(workspace).isPresent();
  }

  /** How far this node's index is. */
  @Override
  public Horizon index() {
    return log::await;
  }

  /**
   * Waits until what a token names is applied.
   *
   * @param horizon where
   * @param max how long
   * @throws ProblemException with {@code invalid-position-token} if the token is none of this
   *     store's, with {@code not-yet-applied} if the wait was in vain, or too many wait already
   */
  @Override
  public void awaitApplied(String token, Horizon horizon, Duration max) {
    long position = positionOf(token);
    if (horizon.await(position, Duration.ZERO)) {
      return;
    }
    try (var _ = waitingRoom.enter()) {
      if (!horizon.await(position, max)) {
        throw new ProblemException(
            ProblemCode.NOT_YET_APPLIED, "The position was not reached within the wait.");
      }
    }
  }

  /**
   * The position that a token names.
   *
   * @throws ProblemException with {@code invalid-position-token} if it is none of this store's
   */
  public long positionOf(String token) {
    try {
      return tokens.read(token);
    } catch (InvalidPositionTokenException forged) {
      throw new ProblemException(
          ProblemCode.INVALID_POSITION_TOKEN, "The token was not issued by this store.");
    }
  }

  /** The address that the request really came from. */
  @Override
  public String addressOf(ApiRequest request) {
    return addresses.of(request);
  }

  /**
   * Counts a request whose credential is missing or not good. Good ones come never here, so that a
   * flood of others costs them nothing.
   */
  public SourceQuota.Usage countFailure(ApiRequest request) {
    return failures.take(addresses.of(request), 1);
  }

  /** The refusal of such a request, which it counts: rate-limited once there were too many. */
  @Override
  public ProblemException unauthorized(ApiRequest request) {
    SourceQuota.Usage usage = countFailure(request);
    return usage.granted()
        ? ProblemException.counted(
            ProblemCode.UNAUTHORIZED,
            "Send a credential that is good here as Authorization: Bearer.",
            failures,
            usage)
        : ProblemException.counted(
            ProblemCode.RATE_LIMITED,
            "Too many credentials of this source were not good; wait a moment.",
            failures,
            usage);
  }

  @Override
  public void countSecrets(ApiRequest request, int count) {
    SourceQuota.Usage usage = secrets.take(addresses.of(request), count);
    if (!usage.granted()) {
      throw ProblemException.counted(
          ProblemCode.RATE_LIMITED,
          "This source has sent too many secrets; wait a moment.",
          secrets,
          usage);
    }
  }

  @Override
  public boolean supportsParameter(MethodParameter parameter) {
    return parameter.getParameterType() == ApiCall.class;
  }

  @Override
  public ApiCall resolveArgument(
      MethodParameter parameter,
      @Nullable ModelAndViewContainer container,
      NativeWebRequest request,
      @Nullable WebDataBinderFactory binders) {
    HttpServletRequest servletRequest = request.getNativeRequest(HttpServletRequest.class);
    if (servletRequest == null) {
      throw new IllegalStateException("no servlet request");
    }
    return open(new ServletApiRequest(servletRequest));
  }
}
