package dev.keyledger.checking.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UtcTextTest {
  private static final int ROUNDS = 100_000;

  @Test
  void aTimeIsWrittenAsTheJdkWritesIt() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      long second = random.nextLong(UtcText.SECONDS_MIN, UtcText.SECONDS_MAX + 1);
      int unit = List.of(1, 1000, 1_000_000, 1_000_000_000).get(random.nextInt(4));
      Instant time =
          Instant.ofEpochSecond(second, (long) random.nextInt(1_000_000_000) / unit * unit);
      assertThat(UtcText.of(time)).as("seed %d", seed).isEqualTo(time.toString());
    }
  }

  @Test
  void soAreTheEndsOfWhatItWritesItselfAndWhatIsBeyond() {
    for (long second :
        List.of(
            0L,
            UtcText.SECONDS_MIN,
            UtcText.SECONDS_MAX,
            UtcText.SECONDS_MIN - 1,
            UtcText.SECONDS_MAX + 1)) {
      Instant time = Instant.ofEpochSecond(second);
      assertThat(UtcText.of(time)).isEqualTo(time.toString());
      assertThat(UtcText.of(time.plusNanos(999_999_999)))
          .isEqualTo(time.plusNanos(999_999_999).toString());
    }
    for (String leap :
        List.of("2000-02-29T00:00:00Z", "2024-02-29T23:59:59Z", "1900-03-01T00:00:00Z")) {
      assertThat(UtcText.of(Instant.parse(leap))).isEqualTo(leap);
    }
  }
}
