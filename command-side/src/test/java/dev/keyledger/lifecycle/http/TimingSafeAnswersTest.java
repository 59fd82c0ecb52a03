package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyledger.access.Source;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.web.context.request.async.DeferredResult;

@Timeout(60)
class TimingSafeAnswersTest {
  private static final long TICK = TimingSafeAnswers.TICK.toNanos();
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Source ONE = Source.of("203.0.113.1");
  private static final Source OTHER = Source.of("203.0.113.2");
  private static final Source THIRD = Source.of("203.0.113.3");
  private static final Source FOURTH = Source.of("203.0.113.4");

  @Test
  void allWorkWithinATickLeadsToTheSameOne() {
    for (long came : new long[] {0, 1, TICK / 2, TICK - 1, 7 * TICK + 3, -TICK / 2}) {
      long tick = TimingSafeAnswers.tickAfter(came, came);
      assertThat(tick).isBetween(came + TICK, came + 2 * TICK - 1);
      assertThat(Math.floorMod(tick, TICK)).isZero();
      for (long worked : new long[] {1, TICK / 2, TICK}) {
        assertThat(TimingSafeAnswers.tickAfter(came, came + worked)).isEqualTo(tick);
      }
    }
  }

  @Test
  void slowWorkIsAnsweredOnALaterTick() {
    assertThat(TimingSafeAnswers.tickAfter(0, TICK)).isEqualTo(TICK);
    assertThat(TimingSafeAnswers.tickAfter(0, TICK + 1)).isEqualTo(2 * TICK);
    assertThat(TimingSafeAnswers.tickAfter(0, 5 * TICK)).isEqualTo(5 * TICK);
  }

  @Test
  void resultsAndExceptionsArriveAlike() {
    try (var answers = new TimingSafeAnswers()) {
      DeferredResult<String> good = answers.answer(ONE, () -> "good");
      DeferredResult<String> bad =
          answers.answer(
              ONE,
              () -> {
                throw new IllegalStateException("bad");
              });
      assertThat(good.hasResult()).isFalse();
      await().atMost(PATIENCE).until(() -> good.hasResult() && bad.hasResult());
      assertThat(good.getResult()).isEqualTo("good");
      assertThat(bad.getResult()).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void oneMoreThanMayBeHeldIsRefusedUntilAnotherHasLeft() {
    try (var answers = new TimingSafeAnswers(3, 2)) {
      assertThat(lastIsHeld(answers, ONE, OTHER, THIRD)).isTrue();
      await().atMost(PATIENCE).until(() -> lastIsHeld(answers, ONE, OTHER, THIRD));
    }
    try (var answers = new TimingSafeAnswers(3, 2)) {
      assertThat(lastIsHeld(answers, ONE, OTHER, THIRD, FOURTH)).isFalse();
    }
  }

  @Test
  void aSourceIsHeldUpToItsShareAndLeavesPlacesForOthers() {
    try (var answers = new TimingSafeAnswers(4, 2)) {
      assertThat(lastIsHeld(answers, ONE, ONE)).isTrue();
    }
    try (var answers = new TimingSafeAnswers(4, 2)) {
      assertThat(lastIsHeld(answers, ONE, ONE, ONE)).isFalse();
      assertThat(lastIsHeld(answers, OTHER, OTHER)).isTrue();
      await().atMost(PATIENCE).until(() -> lastIsHeld(answers, ONE, ONE));
    }
  }

  /**
   * Returns whether the last of these requests is accepted while the earlier ones are in progress.
   */
  private static boolean lastIsHeld(TimingSafeAnswers answers, Source... requests) {
    return lastIsHeld(answers, List.of(requests));
  }

  private static boolean lastIsHeld(TimingSafeAnswers answers, List<Source> requests) {
    var held = new AtomicBoolean();
    try {
      var _ =
          answers.answer(
              requests.getFirst(),
              () -> {
                List<Source> others = requests.subList(1, requests.size());
                held.set(others.isEmpty() || lastIsHeld(answers, others));
                return "done";
              });
    } catch (ProblemException refused) {
      assertThat(refused.code()).isEqualTo(ProblemCode.RATE_LIMITED);
    }
    return held.get();
  }
}
