package dev.keyledger.checking.http;

import dev.keyledger.access.http.HttpAnswer;
import dev.keyledger.access.http.ServletApiRequest;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * Answers verification before anything of Spring's sees the request: a check costs microseconds,
 * and what is in front of it should not cost more.
 */
final class VerificationFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private final transient VerificationHandler handler;

  VerificationFilter(VerificationHandler handler) {
    this.handler = handler;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (handler.serves(request.getRequestURI())) {
      send(handler.answer(new ServletApiRequest(request)), response);
    } else {
      chain.doFilter(request, response);
    }
  }

  private static void send(HttpAnswer answer, HttpServletResponse response) throws IOException {
    response.setStatus(answer.status());
    for (HttpAnswer.Header header : answer.headers()) {
      response.setHeader(header.name(), header.value());
    }
    if (answer.body().length > 0) {
      response.setContentLength(answer.body().length);
      response.getOutputStream().write(answer.body());
    }
  }
}
