package dev.keyledger.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaxStalenessTest {
  @Test
  void itIsFromTwoSecondsToAnHour() {
    assertThat(new MaxStaleness(Duration.parse("PT2S")).duration()).isEqualTo(MaxStaleness.MIN);
    assertThat(new MaxStaleness(Duration.parse("PT1H")).duration()).isEqualTo(MaxStaleness.MAX);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT1.999S", "PT1H0.001S", "-PT5S"})
  void aValueOutOfRangeIsRefused(String text) {
    assertThatThrownBy(() -> new MaxStaleness(Duration.parse(text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("KEYLEDGER_VERIFICATION_MAX_STALENESS must be");
  }
}
