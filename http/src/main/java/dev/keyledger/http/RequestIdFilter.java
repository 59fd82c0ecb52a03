package dev.keyledger.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Adds the id of a request to its answer and to its log lines. Runs after Spring's observation and
 * after verification, some of whose answers must have the same bytes for every request.
 */
@Order(Ordered.HIGHEST_PRECEDENCE + 4)
final class RequestIdFilter extends OncePerRequestFilter {
  /** Returns false: a request whose body had to be waited for is an ASYNC dispatch. */
  @Override
  protected boolean shouldNotFilterAsyncDispatch() {
    return false;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String id = RequestId.of(request);
    response.setHeader(RequestId.HEADER, id);
    try (var _ = MDC.putCloseable(RequestId.LOG_KEY, id)) {
      chain.doFilter(request, response);
    }
  }
}
