package dev.keyledger.checking.http;

import dev.keyledger.http.HttpAnswer;
import dev.keyledger.http.ServletApiRequest;
import dev.keyledger.http.arrival.HeadCheck;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.ServerHttpObservationFilter;

/**
 * Refuses checks on the main port by their heads, as the fast port does, and records those that are
 * answered before their bodies have arrived. Thread-safe.
 */
final class ChecksByHead implements HeadCheck {
  private final VerificationHandler handler;
  private final RequestTimers timers;

  ChecksByHead(VerificationHandler handler, RequestTimers timers) {
    this.handler = handler;
    this.timers = timers;
  }

  @Override
  public @Nullable Judgement judge(HttpServletRequest head) {
    var request = new ServletApiRequest(head);
    if (!handler.serves(request.path())) {
      return null;
    }
    HttpAnswer answer = handler.answerByHead(request);
    return answer != null || handler.readsBody(request.path()) ? new Judgement(answer) : null;
  }

  @Override
  public void answered(HttpServletRequest head, HttpAnswer answer, Duration took) {
    var request = new ServletApiRequest(head);
    String operation = VerificationHandler.operation(request.path());
    if (operation != null) {
      ServerHttpObservationFilter.findObservationContext(head)
          .ifPresentOrElse(
              observed -> observed.setPathPattern(operation),
              () -> timers.record(operation, request, answer, took.toNanos()));
    }
  }
}
