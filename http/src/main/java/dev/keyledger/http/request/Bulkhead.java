package dev.keyledger.http.request;

import dev.keyledger.access.ConcurrencyLimit;
import dev.keyledger.access.QueryTurns;
import dev.keyledger.log.StoreUnavailableException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.web.servlet.AsyncHandlerInterceptor;

/**
 * Limits the resources of queries, in total and of one workspace. Each query has a place until its
 * response is written, which limits the memory of unread responses; and a {@linkplain QueryTurns
 * turn} until its response is ready to be written, so that processors remain free for checks.
 * Thread-safe.
 */
final class Bulkhead implements AsyncHandlerInterceptor {
  /** The maximum number of queries under way; others wait. */
  static final int AT_ONCE_MAX = 64;

  /** The maximum number of them for one workspace. */
  static final int AT_ONCE_OF_WORKSPACE_MAX = 48;

  private static final String PLACE = Bulkhead.class.getName() + ".place";
  private static final String TURN = Bulkhead.class.getName() + ".turn";

  private final ConcurrencyLimit<String> places =
      new ConcurrencyLimit<>(AT_ONCE_MAX, AT_ONCE_OF_WORKSPACE_MAX);
  private final QueryTurns turns;
  private final Duration waitMax;

  /**
   * @param turns shared with other work for queries
   * @param waitMax the longest wait of a query for a place
   */
  Bulkhead(QueryTurns turns, Duration waitMax) {
    this.turns = turns;
    this.waitMax = waitMax;
  }

  /**
   * Takes a place and a turn for a query, if it has none yet. They are given back when it has been
   * handled.
   *
   * @throws StoreUnavailableException if none is free in time
   */
  void enter(HttpServletRequest query, String workspace) {
    if (query.getAttribute(PLACE) != null) {
      return;
    }
    try {
      if (!places.tryTake(workspace, waitMax)) {
        throw new StoreUnavailableException("too many responses are being written");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreUnavailableException("interrupted", e);
    }
    query.setAttribute(PLACE, workspace);
    turns.take(workspace);
    query.setAttribute(TURN, workspace);
  }

  /** Gives back the turn of a query whose response is ready to be written. */
  void ready(HttpServletRequest query) {
    if (query.getAttribute(TURN) instanceof String workspace) {
      query.removeAttribute(TURN);
      turns.leave(workspace);
    }
  }

  @Override
  public void afterCompletion(
      HttpServletRequest query,
      HttpServletResponse response,
      Object handler,
      @Nullable Exception failure) {
    ready(query);
    if (query.getAttribute(PLACE) instanceof String workspace) {
      query.removeAttribute(PLACE);
      places.leave(workspace);
    }
  }
}
