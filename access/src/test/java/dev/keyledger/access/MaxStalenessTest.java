package dev.keyledger.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaxStalenessTest {
  @Test
  void theDefaultIsOneMinute() {
    assertThat(MaxStaleness.parse(null).duration()).isEqualTo(Duration.ofMinutes(1));
    assertThat(MaxStaleness.parse(" ").duration()).isEqualTo(Duration.ofMinutes(1));
    assertThat(MaxStaleness.parse("PT2S").duration()).isEqualTo(MaxStaleness.MIN);
    assertThat(MaxStaleness.parse("PT1H").duration()).isEqualTo(MaxStaleness.MAX);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT1.999S", "PT1H0.001S", "-PT5S", "5s", "nothing"})
  void aValueOutOfRangeIsRejected(String text) {
    assertThatThrownBy(() -> MaxStaleness.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("keyledger.verification.max-staleness must be");
  }
}
