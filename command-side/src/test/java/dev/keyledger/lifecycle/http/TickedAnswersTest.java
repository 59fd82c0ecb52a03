package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.web.context.request.async.DeferredResult;

@Timeout(60)
class TickedAnswersTest {
  private static final long TICK = TickedAnswers.TICK.toNanos();

  @Test
  void allWorkWithinATickLeadsToTheSameOne() {
    for (long came : new long[] {0, 1, TICK / 2, TICK - 1, 7 * TICK + 3, -TICK / 2}) {
      long tick = TickedAnswers.tickAfter(came, came);
      assertThat(tick).isBetween(came + TICK, came + 2 * TICK - 1);
      assertThat(Math.floorMod(tick, TICK)).isZero();
      for (long worked : new long[] {1, TICK / 2, TICK}) {
        assertThat(TickedAnswers.tickAfter(came, came + worked)).isEqualTo(tick);
      }
    }
  }

  @Test
  void whatTakesLongerLeavesOnALaterTick() {
    assertThat(TickedAnswers.tickAfter(0, TICK)).isEqualTo(TICK);
    assertThat(TickedAnswers.tickAfter(0, TICK + 1)).isEqualTo(2 * TICK);
    assertThat(TickedAnswers.tickAfter(0, 5 * TICK)).isEqualTo(5 * TICK);
  }

  @Test
  void resultsAndExceptionsArriveAlike() {
    try (var answers = new TickedAnswers()) {
      DeferredResult<String> good = answers.answer(() -> "good");
      DeferredResult<String> bad =
          answers.answer(() -> {
            throw new IllegalStateException("bad");
          });
      assertThat(good.hasResult()).isFalse();
      await().atMost(Duration.ofSeconds(30)).until(() -> good.hasResult() && bad.hasResult());
      assertThat(good.getResult()).isEqualTo("good");
      assertThat(bad.getResult()).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void oneMoreThanMayBeHeldIsRefusedUntilAnotherHasLeft() {
    try (var answers = new TickedAnswers(3)) {
      // From within the work, so that none of them can have left yet.
      List<DeferredResult<Boolean>> all =
          IntStream.range(0, 1).mapToObj(_ -> answers.answer(() -> nested(answers, 2))).toList();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> all.stream().allMatch(DeferredResult::hasResult));
      assertThat(all.getFirst().getResult()).isEqualTo(true);
    }
  }

  private static boolean nested(TickedAnswers answers, int more) {
    if (more > 0) {
      DeferredResult<Boolean> inner = answers.answer(() -> nested(answers, more - 1));
      await().atMost(Duration.ofSeconds(30)).until(inner::hasResult);
      return Boolean.TRUE.equals(inner.getResult());
    }
    assertThatExceptionOfType(ProblemException.class)
        .isThrownBy(() -> answers.answer(() -> "one too many"))
        .satisfies(refused -> assertThat(refused.code()).isEqualTo(ProblemCode.RATE_LIMITED));
    return true;
  }
}
