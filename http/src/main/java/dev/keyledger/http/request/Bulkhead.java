package dev.keyledger.http.request;

import dev.keyledger.access.Shares;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.AsyncHandlerInterceptor;

/**
 * Bounds how many queries are handled at once, in all and of one workspace, until their answers are
 * written. So the memory of answers that nobody reads is bounded, and no workspace can occupy a
 * node. A query that goes on on a thread of its own gives its place back. Thread-safe.
 */
final class Bulkhead implements AsyncHandlerInterceptor {
  /** The maximum number of queries handled at the same time; others wait. */
  static final int AT_ONCE_MAX = 64;

  /** The maximum number of them for one workspace. */
  static final int AT_ONCE_OF_WORKSPACE_MAX = 48;

  /** How long a query waits for a place. */
  static final Duration WAIT_MAX = Duration.ofSeconds(2);

  private static final String WORKSPACE = Bulkhead.class.getName() + ".workspace";

  private final Shares<String> places = new Shares<>(AT_ONCE_MAX, AT_ONCE_OF_WORKSPACE_MAX);
  private final Duration waitMax;

  /**
   * @param waitMax how long a query waits for a place
   */
  Bulkhead(Duration waitMax) {
    this.waitMax = waitMax;
  }

  /**
   * Takes a place for a request, which it gives back when it has been handled.
   *
   * @throws ProblemException with {@code store-unavailable} if none is free in time
   */
  void enter(HttpServletRequest request, String workspace) {
    try {
      if (!places.tryTake(workspace, waitMax)) {
        throw new ProblemException(
            ProblemCode.STORE_UNAVAILABLE, "Too many queries are under way. Try again.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProblemException(ProblemCode.STORE_UNAVAILABLE, "The query was interrupted.");
    }
    request.setAttribute(WORKSPACE, workspace);
  }

  @Override
  public void afterConcurrentHandlingStarted(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    leave(request);
  }

  @Override
  public void afterCompletion(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable Exception failure) {
    leave(request);
  }

  private void leave(HttpServletRequest request) {
    if (request.getAttribute(WORKSPACE) instanceof String workspace) {
      request.removeAttribute(WORKSPACE);
      places.leave(workspace);
    }
  }
}
