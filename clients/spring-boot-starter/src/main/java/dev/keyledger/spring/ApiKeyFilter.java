package dev.keyledger.spring;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolderStrategy;
import org.springframework.security.web.context.RequestAttributeSecurityContextRepository;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Authenticates a request with a valid key as {@link ApiKeyAuthentication}, and refuses one with an
 * invalid key. A request without a key passes unauthenticated: later filters decide about it.
 */
final class ApiKeyFilter extends OncePerRequestFilter {
  private final ApiKeyAuthenticator authenticator;
  private final SecurityContextHolderStrategy contexts;

  /** Keeps the context for dispatches of the same request, such as that of an error. */
  private final RequestAttributeSecurityContextRepository ofRequest =
      new RequestAttributeSecurityContextRepository();

  ApiKeyFilter(ApiKeyAuthenticator authenticator, SecurityContextHolderStrategy contexts) {
    this.authenticator = authenticator;
    this.contexts = contexts;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String key = keyIn(authenticator, request);
    if (key == null) {
      chain.doFilter(request, response);
      return;
    }
    ApiKeyAuthenticator.Outcome outcome =
        authenticator.authenticate(key, request.getRemoteAddr(), null);
    if (outcome instanceof ApiKeyAuthenticator.Accepted accepted) {
      SecurityContext context = contexts.createEmptyContext();
      context.setAuthentication(accepted.authentication());
      contexts.setContext(context);
      ofRequest.saveContext(context, request, response);
      chain.doFilter(request, response);
    } else if (outcome instanceof ApiKeyAuthenticator.Refused refused) {
      write(refused.refusal(), response);
    }
  }

  static @Nullable String keyIn(ApiKeyAuthenticator authenticator, HttpServletRequest request) {
    return authenticator.keyIn(name -> Collections.list(request.getHeaders(name)));
  }

  static void write(Refusal refusal, HttpServletResponse response) throws IOException {
    byte[] body = refusal.body();
    response.setStatus(refusal.status());
    refusal.headers().forEach(response::setHeader);
    response.setContentType(Refusal.MEDIA_TYPE);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
