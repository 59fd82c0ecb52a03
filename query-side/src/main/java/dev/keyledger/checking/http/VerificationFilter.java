package dev.keyledger.checking.http;

import dev.keyledger.http.HttpAnswer;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers requests for verification that may wait, which the {@link VerificationAdapter} left to
 * the servlets: on a virtual thread, so that whoever waits keeps none of the container's from
 * others.
 */
final class VerificationFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;
  private static final long NEVER = 0;
  private static final Logger LOG = LoggerFactory.getLogger(VerificationFilter.class);

  private final transient VerificationHandler handler;

  VerificationFilter(VerificationHandler handler) {
    this.handler = handler;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    CoyoteApiRequest check = CoyoteApiRequest.leftTo(request);
    if (check == null) {
      chain.doFilter(request, response);
      return;
    }
    AsyncContext waiting = request.startAsync();
    waiting.setTimeout(NEVER); // the handler waits for no longer than the request lets it
    Thread.ofVirtual()
        .start(() -> {
          try {
            send(handler.answer(check), response);
          } catch (IOException gone) {
            LOG.debug("Nobody is there to read the answer", gone);
          } finally {
            waiting.complete();
          }
        });
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
