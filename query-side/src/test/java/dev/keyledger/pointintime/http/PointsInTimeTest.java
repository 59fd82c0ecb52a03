package dev.keyledger.pointintime.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.access.QueryTurns;
import dev.keyledger.checking.http.Node;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.http.freshness.WaitLimit;
import dev.keyledger.log.StoreUnavailableException;
import dev.keyledger.pointintime.PointInTime;
import dev.keyledger.projection.TestLog;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.web.context.request.async.DeferredResult;

/** Requests for a point that the log is about to reach. */
@Timeout(60)
class PointsInTimeTest {
  private final TestLog log = TestLog.empty();
  private final WaitLimit limit = new WaitLimit();
  private final PointsInTime points =
      new PointsInTime(
          log.reader, new Freshness(Node.tokens("store"), log.tail, limit), new QueryTurns());

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void aWaitForATimeHoldsNoThreadOfTheContainer() {
    await().until(log.tail::caughtUpOnce);
    Instant soon = Instant.now().plus(Duration.ofSeconds(1));

    DeferredResult<Instant> answer =
        points.answer(new RequestedPoint.AtTime(soon, "time"), "default", PointInTime::time);

    assertThat(answer.hasResult()).isFalse();
    await().until(answer::hasResult);
    assertThat(answer.getResult()).isEqualTo(soon);
  }

  @Test
  void aTimeFarAheadIsRefusedAndOneThatHasPassedIsAnswered() {
    await().until(log.tail::caughtUpOnce);
    Instant now = log.tail.asOf();

    DeferredResult<Instant> past =
        points.answer(new RequestedPoint.AtTime(now, "time"), "default", PointInTime::time);
    await().until(past::hasResult);
    assertThat(past.getResult()).isEqualTo(now);
    DeferredResult<Instant> future =
        points.answer(
            new RequestedPoint.AtTime(Instant.now().plus(Duration.ofHours(1)), "time"),
            "default",
            PointInTime::time);
    await().until(future::hasResult);
    assertThat(future.getResult()).isInstanceOf(ProblemException.class);
  }

  @Test
  void aWorkspaceReadsInItsTurnsOnly() {
    await().until(log.tail::caughtUpOnce);
    var asked = new RequestedPoint.AtTime(log.tail.asOf(), "time");
    var reading = new AtomicInteger();
    var read = new CountDownLatch(1);
    for (int i = 0; i < QueryTurns.AT_ONCE_OF_WORKSPACE_MAX; i++) {
      var _ =
          points.answer(
              asked,
              "default",
              _ -> {
                reading.incrementAndGet();
                return awaitUninterruptibly(read);
              });
    }
    await().until(() -> reading.get() == QueryTurns.AT_ONCE_OF_WORKSPACE_MAX);

    DeferredResult<Instant> refused = points.answer(asked, "default", PointInTime::time);
    DeferredResult<Instant> other = points.answer(asked, "other", PointInTime::time);
    await().until(other::hasResult);
    assertThat(other.getResult()).isEqualTo(asked.time());
    await().until(refused::hasResult);
    assertThat(refused.getResult()).isInstanceOf(StoreUnavailableException.class);
    read.countDown();
  }

  private static boolean awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aWorkspaceWaitsAtItsPlacesOnly() {
    await().until(log.tail::caughtUpOnce);
    for (int waiting = 0; waiting < WaitLimit.WAITING_OF_ONE_MAX; waiting++) {
      var _ = limit.acquire("default");
    }
    var soon = new RequestedPoint.AtTime(Instant.now().plus(Duration.ofSeconds(1)), "time");
    DeferredResult<Instant> refused = points.answer(soon, "default", PointInTime::time);
    DeferredResult<Instant> other = points.answer(soon, "other", PointInTime::time);
    await().until(refused::hasResult);
    assertThat(refused.getResult()).isInstanceOf(ProblemException.class);
    await().until(other::hasResult);
    assertThat(other.getResult()).isEqualTo(soon.time());
  }
}
