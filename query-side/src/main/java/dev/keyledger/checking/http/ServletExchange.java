package dev.keyledger.checking.http;

import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.ServletAnswer;
import dev.keyledger.http.ServletApiRequest;
import dev.keyledger.launch.FatalErrors;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request for verification on the main port, and its answer. A check that waits does so on a
 * virtual thread, not on one of the container. Any other is answered on the container's thread.
 *
 * <p>Used by one thread at a time. The status is a refusal until there is an answer, so that a
 * failure admits nobody.
 */
final class ServletExchange {
  private static final long NEVER = 0;
  private static final Logger LOG = LoggerFactory.getLogger(ServletExchange.class);

  private final VerificationHandler handler;
  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final @Nullable RequestTimers timers;
  private final long begin = System.nanoTime();

  /**
   * @param timers record the answer; null if another component does
   */
  ServletExchange(
      VerificationHandler handler,
      @Nullable RequestTimers timers,
      HttpServletRequest request,
      HttpServletResponse response) {
    this.handler = handler;
    this.timers = timers;
    this.request = request;
    this.response = response;
  }

  /** Answers the request, whose body has arrived. */
  void answer() throws IOException {
    response.setStatus(HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
    var check = new ServletApiRequest(request);
    if (handler.mayWait(check)) {
      AsyncContext waiting = request.startAsync();
      waiting.setTimeout(NEVER); // the timeouts of the handler apply
      Thread.ofVirtual().start(() -> await(check, waiting));
    } else {
      send(check);
    }
  }

  private void await(ApiRequest check, AsyncContext waiting) {
    try {
      send(check);
    } catch (IOException gone) {
      LOG.debug("The client left before the answer was sent", gone);
    } catch (Error broken) {
      FatalErrors.endIfFatal(broken);
      LOG.error("Request {} failed", check.requestId(), broken);
    } finally {
      complete(waiting);
    }
  }

  private static void complete(AsyncContext waiting) {
    try {
      waiting.complete();
    } catch (IllegalStateException completed) {
      LOG.debug("The container ended the request when the client left", completed);
    }
  }

  private void send(ApiRequest check) throws IOException {
    HttpAnswer answer = handler.answer(check);
    String operation = VerificationHandler.operation(check.path());
    if (timers != null && operation != null) {
      timers.record(operation, check, answer, System.nanoTime() - begin);
    }
    ServletAnswer.send(answer, response);
  }
}
