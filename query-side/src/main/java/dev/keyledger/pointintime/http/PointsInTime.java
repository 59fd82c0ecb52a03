package dev.keyledger.pointintime.http;

import static java.time.temporal.ChronoUnit.MICROS;

import dev.keyledger.access.QueryTurns;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.log.LogReader;
import dev.keyledger.pointintime.PointInTime;
import java.time.Instant;
import java.util.function.Function;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Finds the requested points in time in the log. Methods throw the exceptions of {@link LogReader}.
 * Thread-safe.
 */
public final class PointsInTime {
  private static final long NO_TIMEOUT = 0;

  private final LogReader log;
  private final Freshness freshness;
  private final QueryTurns turns;

  public PointsInTime(LogReader log, Freshness freshness, QueryTurns turns) {
    this.log = log;
    this.freshness = freshness;
    this.turns = turns;
  }

  /**
   * Answers a request about a point. A virtual thread waits for its time and for a turn, so that
   * the container's thread is free.
   *
   * @param workspace the workspace of the caller, whose turn it takes
   * @param answer reads a key and returns the answer, or throws the refusal
   */
  public <T> DeferredResult<T> answer(
      RequestedPoint asked, String workspace, Function<PointInTime, T> answer) {
    var result = new DeferredResult<T>(NO_TIMEOUT); // the waits have their own limits
    Thread.ofVirtual().start(() -> complete(result, asked, workspace, answer));
    return result;
  }

  private <T> void complete(
      DeferredResult<T> result,
      RequestedPoint asked,
      String workspace,
      Function<PointInTime, T> answer) {
    try {
      PointInTime point = find(asked, workspace);
      result.setResult(turns.read(workspace, () -> answer.apply(point)));
    } catch (RuntimeException | Error e) {
      result.setErrorResult(e);
    }
  }

  /**
   * Returns the requested point: after the event at a position, or after the last event whose time
   * is not later than a time.
   *
   * @throws ProblemException with {@code bad-request} if it is in the future
   */
  private PointInTime find(RequestedPoint asked, String workspace) {
    return switch (asked) {
      case RequestedPoint.AtPosition at -> after(at.position());
      case RequestedPoint.AtTime at -> at(at, workspace);
    };
  }

  private PointInTime after(long position) {
    return log.leafAt(position)
        .map(event -> new PointInTime(position, event.time()))
        .orElseThrow(() ->
            ProblemException.unreadable(RequestedPoint.POSITION, "is beyond the end of the log"));
  }

  private PointInTime at(RequestedPoint.AtTime asked, String workspace) {
    Instant time = asked.time();
    if (!freshness.awaitTime(time, workspace)) {
      throw ProblemException.unreadable(
          asked.name(), "is later than what this node knows of the log");
    }
    // The log's times are whole microseconds.
    Instant next = time.truncatedTo(MICROS).plus(1, MICROS);
    return new PointInTime(log.lastPositionBefore(next), time);
  }
}
