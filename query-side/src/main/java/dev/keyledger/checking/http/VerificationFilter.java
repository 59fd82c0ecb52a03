package dev.keyledger.checking.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import org.springframework.http.server.observation.ServerRequestObservationContext;
import org.springframework.web.filter.ServerHttpObservationFilter;

/**
 * Answers requests for verification on the main port. It is a filter, not a controller, because
 * Spring MVC's dispatch costs more than a check.
 */
final class VerificationFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private final transient VerificationHandler handler;
  private final transient RequestTimers timers;

  VerificationFilter(VerificationHandler handler, RequestTimers timers) {
    this.handler = handler;
    this.timers = timers;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    // The container maps other spellings of these paths to this filter too.
    String path = request.getRequestURI();
    if (!handler.serves(path)) {
      chain.doFilter(request, response);
      return;
    }
    Optional<ServerRequestObservationContext> observed =
        ServerHttpObservationFilter.findObservationContext(request);
    observed.ifPresent(context -> context.setPathPattern(path));
    new ServletExchange(handler, observed.isPresent() ? null : timers, request, response).answer();
  }
}
