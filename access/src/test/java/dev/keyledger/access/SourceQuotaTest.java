package dev.keyledger.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.keyledger.access.Quota.Usage;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A quota of ten per second and a burst of a hundred, with a manual clock. */
class SourceQuotaTest {
  private static final String SOURCE = "203.0.113.7";

  private long nanoTime = 7;
  private final SourceQuota quota = new SourceQuota("things", 10, 100, () -> nanoTime, 1_000);

  @Test
  void aBurstIsGrantedAndOneMoreIsNot() {
    for (int left = 99; left >= 0; left--) {
      Usage usage = quota.take(SOURCE, 1);
      assertThat(usage.granted()).isTrue();
      assertThat(usage.remaining()).isEqualTo(left);
      assertThat(usage.untilNext()).isZero();
    }
    Usage refused = quota.take(SOURCE, 1);
    assertThat(refused.granted()).isFalse();
    assertThat(refused.remaining()).isZero();
    assertThat(refused.untilNext()).isEqualTo(Duration.ofMillis(100));
    assertThat(refused.untilWhole()).isEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void theQuotaRefillsEverySecondUpToABurst() {
    quota.take(SOURCE, 100);
    pass(Duration.ofMillis(99));
    assertThat(quota.take(SOURCE, 1).granted()).isFalse();
    pass(Duration.ofMillis(1));
    assertThat(quota.take(SOURCE, 1).granted()).isTrue();
    assertThat(quota.take(SOURCE, 1).granted()).isFalse();
    pass(Duration.ofSeconds(9));
    assertThat(quota.take(SOURCE, 91).granted()).isFalse();
    assertThat(quota.take(SOURCE, 90).granted()).isTrue();
    pass(Duration.ofDays(1));
    assertThat(quota.take(SOURCE, 1).remaining()).isEqualTo(99);
  }

  @Test
  void aRejectedRequestTakesNothing() {
    quota.take(SOURCE, 95);
    assertThat(quota.take(SOURCE, 6).granted()).isFalse();
    assertThat(quota.take(SOURCE, 5).granted()).isTrue();
  }

  @Test
  void moreThanABurstCountsAsABurst() {
    assertThat(quota.take(SOURCE, 1_000).granted()).isTrue();
    assertThat(quota.take(SOURCE, 1).granted()).isFalse();
  }

  @Test
  void sourcesAreIndependent() {
    quota.take(SOURCE, 100);
    assertThat(quota.take("203.0.113.8", 1).remaining()).isEqualTo(99);
    assertThat(quota.take("::1", 1).remaining()).isEqualTo(99);
    assertThat(quota.take("no address", 1).remaining()).isEqualTo(99);
  }

  @Test
  void theNetworkOfASubscriberIsOneSource() {
    quota.take("2001:db8:1:2::1", 100);
    assertThat(quota.take("2001:db8:1:2:ffff:ffff:ffff:ffff", 1).granted()).isFalse();
    assertThat(quota.take("2001:db8:1:3::1", 1).granted()).isTrue();
    quota.take(SOURCE, 100);
    assertThat(quota.take("::ffff:203.0.113.7", 1).granted()).as("the same address").isFalse();
  }

  @Test
  void memoryIsBounded() {
    for (int i = 0; i < 5_000; i++) {
      quota.take("10.0." + i / 250 + "." + i % 250, 1);
    }
    assertThat(quota.subjects()).isLessThanOrEqualTo(1_000);
  }

  @Test
  void aSourceWithAFullBurstIsForgotten() {
    quota.take(SOURCE, 50);
    assertThat(quota.subjects()).isEqualTo(1);
    pass(quota.window());
    assertThat(quota.subjects()).isZero();
  }

  @Test
  void bothNumbersMustBeFromOneToAMillion() {
    assertThat(new SourceQuota("n", 1, 1).window()).isEqualTo(Duration.ofSeconds(1));
    assertThat(new SourceQuota("n", 1_000_000, 1_000_000).burst()).isEqualTo(1_000_000);
    assertThat(new SourceQuota("n", 100, 1_001).window()).isEqualTo(Duration.ofSeconds(11));
    for (long outside : new long[] {0, -1, 1_000_001}) {
      assertThatIllegalArgumentException().isThrownBy(() -> new SourceQuota("n", outside, 1));
      assertThatIllegalArgumentException().isThrownBy(() -> new SourceQuota("n", 1, outside));
    }
  }

  private void pass(Duration time) {
    nanoTime += time.toNanos();
  }
}
