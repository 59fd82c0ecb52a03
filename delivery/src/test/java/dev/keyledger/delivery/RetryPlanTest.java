package dev.keyledger.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** When a failed delivery is attempted again. */
class RetryPlanTest {
  private static final Duration DAY = Duration.ofHours(24);

  @Test
  void thePausesGrowFromFiveSecondsToADayAndVaryByATenth() {
    var random = new Random(17);
    for (int retries = 0; retries < RetryPlan.PAUSES.size(); retries++) {
      Duration planned = RetryPlan.PAUSES.get(retries);
      for (int i = 0; i < 100; i++) {
        assertThat(RetryPlan.pause(retries, null, random).orElseThrow())
            .isBetween(planned, planned.plus(planned.dividedBy(10)));
      }
    }
    assertThat(RetryPlan.PAUSES.getFirst()).isEqualTo(Duration.ofSeconds(5));
    assertThat(RetryPlan.PAUSES.getLast()).isEqualTo(DAY);
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

  private static Duration asked(Duration asked) {
    return RetryPlan.pause(0, asked, new Random(2)).orElseThrow();
  }
}
