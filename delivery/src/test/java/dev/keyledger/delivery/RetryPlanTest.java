package dev.keyledger.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The times of further attempts at a failed delivery. */
class RetryPlanTest {
  private static final Duration DAY = Duration.ofHours(24);

  @Test
  void thePausesGrowFromFiveSecondsToADayAndVaryByATenth() {
    var random = new Random(17);
    assertThat(RetryPlan.PAUSES)
        .extracting(Duration::toString)
        .containsExactly(
            "PT5S", "PT5M", "PT30M", "PT2H", "PT5H", "PT10H", "PT14H", "PT20H", "PT24H");
    for (int retries = 0; retries < RetryPlan.PAUSES.size(); retries++) {
      Duration planned = RetryPlan.PAUSES.get(retries);
      int number = retries;
      assertThat(IntStream.range(0, 100).mapToObj(_ -> pause(number, random)))
          .allSatisfy(
              pause -> assertThat(pause).isBetween(planned, planned.plus(planned.dividedBy(10))))
          .anyMatch(pause -> pause.compareTo(planned.plus(planned.dividedBy(20))) > 0)
          .anyMatch(pause -> pause.compareTo(planned.plus(planned.dividedBy(20))) < 0);
    }
  }

  @Test
  void afterTheLastRetryThereIsNone() {
    int last = RetryPlan.PAUSES.size() - 1;
    assertThat(RetryPlan.pause(last, null, new Random(1))).isPresent();
    assertThat(RetryPlan.pause(last + 1, Duration.ofSeconds(1), new Random(1))).isEmpty();
  }

  @Test
  void aReceiverCanAskForALongerPauseOfADayAtMost() {
    assertThat(asked(Duration.ofMinutes(2)))
        .isBetween(Duration.ofMinutes(2), Duration.ofSeconds(132));
    assertThat(asked(Duration.ofSeconds(1)))
        .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(6));
    assertThat(asked(Duration.ofDays(400))).isBetween(DAY, Duration.ofHours(27));
  }

  private static Duration pause(int retries, Random random) {
    return RetryPlan.pause(retries, null, random).orElseThrow();
  }

  private static Duration asked(Duration asked) {
    return RetryPlan.pause(0, asked, new Random(2)).orElseThrow();
  }
}
