package dev.keyledger.pointintime.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.checking.http.Node;
import dev.keyledger.http.ProblemException;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.http.freshness.WaitLimit;
import dev.keyledger.pointintime.PointInTime;
import dev.keyledger.projection.TestLog;
import java.time.Duration;
import java.time.Instant;
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
      new PointsInTime(log.reader, new Freshness(Node.tokens("store"), log.tail, limit));

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void aWaitForATimeHoldsNoThreadOfTheContainer() {
    await().until(log.tail::caughtUpOnce);
    Instant soon = Instant.now().plus(Duration.ofSeconds(1));

    DeferredResult<Instant> answer = points.answer(new AskedPoint.AtTime(soon), PointInTime::time);

    assertThat(answer.hasResult()).isFalse();
    await().until(answer::hasResult);
    assertThat(answer.getResult()).isEqualTo(soon);
  }

  @Test
  void aTimeFarAheadIsRefusedAndOneThatHasPassedIsAnsweredAtOnce() {
    await().until(log.tail::caughtUpOnce);
    Instant now = log.tail.asOf();

    DeferredResult<Instant> past = points.answer(new AskedPoint.AtTime(now), PointInTime::time);
    assertThat(past.getResult()).isEqualTo(now);
    DeferredResult<Instant> future =
        points.answer(
            new AskedPoint.AtTime(Instant.now().plus(Duration.ofHours(1))), PointInTime::time);
    await().until(future::hasResult);
    assertThat(future.getResult()).isInstanceOf(ProblemException.class);
  }

  @Test
  void tooManyWaitsAreRefused() {
    await().until(log.tail::caughtUpOnce);
    for (int waiting = 0; waiting < WaitLimit.WAITING_MAX; waiting++) {
      var _ = limit.acquire();
    }
    DeferredResult<Instant> refused =
        points.answer(
            new AskedPoint.AtTime(Instant.now().plus(Duration.ofSeconds(1))), PointInTime::time);
    await().until(refused::hasResult);
    assertThat(refused.getResult()).isInstanceOf(ProblemException.class);
  }
}
