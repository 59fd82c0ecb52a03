package dev.keyledger.access.http;

import dev.keyledger.access.Authenticator;
import dev.keyledger.access.Identity;
import dev.keyledger.access.Workspaces;
import dev.keyledger.log.LogTail;
import dev.keyledger.log.PositionTokens;
import dev.keyledger.verification.KeySecret;
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

/** Hands each controller its {@link ApiCall}, and answers what the call asks of this node. */
final class NodeGate implements ApiCall.Gate, HandlerMethodArgumentResolver {
  private final List<Authenticator> authenticators;
  private final Workspaces workspaces;
  private final PositionTokens tokens;
  private final LogTail tail;
  private final ClientAddress addresses;

  NodeGate(
      List<Authenticator> authenticators,
      Workspaces workspaces,
      PositionTokens tokens,
      LogTail tail,
      ClientAddress addresses) {
    this.authenticators = List.copyOf(authenticators);
    this.workspaces = workspaces;
    this.tokens = tokens;
    this.tail = tail;
    this.addresses = addresses;
  }

  @Override
  public Optional<Identity> identify(KeySecret credential) {
    return authenticators.stream()
        .flatMap(authenticator -> authenticator.authenticate(credential).stream())
        .findFirst();
  }

  @Override
  public boolean workspaceExists(String workspace) {
    return workspaces.policyOf(workspace).isPresent();
  }

  @Override
  public long positionOf(String token) {
    return tokens.read(token);
  }

  @Override
  public boolean awaitApplied(long position, Duration max) {
    return tail.await(position, max);
  }

  @Override
  public String addressOf(HttpServletRequest request) {
    return addresses.of(request);
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
    return new ApiCall(servletRequest, this);
  }
}
