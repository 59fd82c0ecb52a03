package dev.keyledger.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The fast paths give the same results as the JDK. */
class RecordFormTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:00:00Z",
        "2028-02-29T23:59:59.001Z",
        "2027-01-31T12:00:00.120Z",
        "2027-01-31T12:00:00.000001Z",
        "2027-01-31T12:00:00.000000001Z",
        "9999-12-31T23:59:59.999Z",
        "+10000-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z"
      })
  void aTimeIsWrittenAsJavaWritesIt(String text) {
    assertThat(RecordForm.textOf(Instant.parse(text))).isEqualTo(text);
    assertThat(RecordForm.instant(text)).isEqualTo(Instant.parse(text));
  }

  @Test
  void anyTimeIsWrittenAsJavaWritesIt() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    int[] steps = {1, 1_000, 1_000_000, 100_000_000};
    for (int i = 0; i < 10_000; i++) {
      int step = steps[random.nextInt(steps.length)];
      Instant time =
          Instant.ofEpochSecond(
              random.nextLong(-70_000_000_000L, 300_000_000_000L),
              (long) random.nextInt(1_000_000_000 / step) * step);
      assertThat(RecordForm.textOf(time)).as("seed %d", seed).isEqualTo(time.toString());
    }
  }
}
