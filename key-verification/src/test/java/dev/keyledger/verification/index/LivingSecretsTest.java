package dev.keyledger.verification.index;

import static dev.keyledger.verification.index.Ledger.KeySpec.DEFAULT_SPEC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.verification.secret.Peppers;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** What readiness and metrics learn of peppers, and how rarely all keys are counted for it. */
class LivingSecretsTest {
  private static final Instant END = Instant.parse("2030-01-01T00:00:00Z");

  private final Ledger ledger = new Ledger();
  private long nanos;

  @Test
  void missingPeppersOfLivingSecretsAreReported() {
    ledger.issue(DEFAULT_SPEC.under(1), ledger.secret());
    ledger.issue(DEFAULT_SPEC.until(END, END), ledger.secret());
    var onlyNew = Peppers.parse("3:" + Ledger.pepper('3') + ",2:" + Ledger.pepper('2'));

    assertThat(living(onlyNew).missingPeppers(ledger.now())).containsExactly(1);
    assertThat(living(Ledger.PEPPERS).missingPeppers(END)).isEmpty();
  }

  /** Each reading of this test's clock takes a nanosecond, so that a count takes one. */
  @Test
  void allKeysAreCountedAtMostAHundredthOfTheTimeForAllPeppersTogether() {
    LivingSecrets living = living(Ledger.PEPPERS);
    ledger.issue(DEFAULT_SPEC.under(1), ledger.secret());
    assertThat(living.under(1, Ledger.START)).isEqualTo(1);

    ledger.issue(DEFAULT_SPEC.under(1), ledger.secret());
    ledger.issue(DEFAULT_SPEC.under(2), ledger.secret());
    for (int query = 1; query < LivingSecrets.KEPT; query++) {
      assertThat(living.under(1, Ledger.START)).isEqualTo(1);
    }
    assertThat(living.under(2, Ledger.START)).isEqualTo(1);
    assertThat(living.under(1, Ledger.START)).isEqualTo(2);
  }

  private LivingSecrets living(Peppers peppers) {
    return new LivingSecrets(ledger.index, peppers, () -> nanos++);
  }
}
