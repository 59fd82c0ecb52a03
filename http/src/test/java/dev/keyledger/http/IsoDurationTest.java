package dev.keyledger.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IsoDurationTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S, PT0S",
    "P2W, PT336H",
    "P1W2DT3H4M5S, PT219H4M5S",
    "PT1.5S, PT1.5S",
    "P1DT0.000000001S, PT24H0.000000001S"
  })
  void weeksDaysAndTimeAreReadAndFractionsOfSeconds(String text, Duration expected) {
    assertThat(IsoDuration.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PT0.5H",
        "PT0.5M",
        "P0.5D",
        "P0.5W",
        "P1Y",
        "P1M",
        "P1Y1D",
        "PT1,5S",
        "PT.5S",
        "PT1.S",
        "PT1.1234567890S",
        "P",
        "PT",
        "P1DT",
        "1D",
        "-P1D",
        "PT-1S",
        "p1d",
        "P1H",
        "P1D1W",
        "PT1S "
      })
  void everythingElseIsRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IsoDuration.parse(text))
        .withMessageStartingWith("must be an ISO 8601 duration");
  }
}
