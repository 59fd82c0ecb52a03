package dev.keyledger.verification.index;

import static dev.keyledger.verification.index.Ledger.KeySpec.DEFAULT_SPEC;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeyStatus;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.RevocationPlanned;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.verification.index.Ledger.KeySpec;
import dev.keyledger.verification.secret.Peppers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What readiness and metrics learn of peppers, and how rarely all keys are counted for it. */
class KeyNumbersTest {
  private static final Instant END = Instant.parse("2030-01-01T00:00:00Z");
  private static final KeyRevoked REVOCATION = new KeyRevoked(RevocationReason.UNSPECIFIED);

  private final Ledger ledger = new Ledger();
  private long nanos;

  @Test
  void missingPeppersOfKeyNumbersAreReported() {
    ledger.issue(DEFAULT_SPEC.under(1), ledger.secret());
    ledger.issue(DEFAULT_SPEC.until(END, END), ledger.secret());
    var onlyNew = Peppers.parse("3:" + Ledger.pepper('3') + ",2:" + Ledger.pepper('2'));

    assertThat(numbers(onlyNew).missingPeppers(ledger.now())).containsExactly(1);
    assertThat(numbers(Ledger.PEPPERS).missingPeppers(END)).isEmpty();
  }

  /** Each reading of this test's clock takes a nanosecond, so that a count takes one. */
  @Test
  void allKeysAreCountedAtMostAHundredthOfTheTimeForAllNumbersTogether() {
    KeyNumbers numbers = numbers(Ledger.PEPPERS);
    ledger.issue(DEFAULT_SPEC.under(1), ledger.secret());
    assertThat(numbers.secretsUnder(1, Ledger.START)).isEqualTo(1);

    ledger.issue(DEFAULT_SPEC.under(1), ledger.secret());
    ledger.issue(DEFAULT_SPEC.under(2), ledger.secret());
    for (int query = 1; query < KeyNumbers.KEPT; query++) {
      assertThat(numbers.secretsUnder(1, Ledger.START)).isEqualTo(1);
    }
    assertThat(numbers.secretsUnder(2, Ledger.START)).isEqualTo(1);
    assertThat(numbers.secretsUnder(1, Ledger.START)).isEqualTo(2);
  }

  @Test
  void eachKeyIsCountedUnderItsStatus() {
    var keys = new ArrayList<KeyId>();
    for (KeySpec spec :
        List.of(
            DEFAULT_SPEC,
            DEFAULT_SPEC,
            DEFAULT_SPEC.until(END, END),
            DEFAULT_SPEC,
            DEFAULT_SPEC.from(END),
            DEFAULT_SPEC.until(END, END))) {
      keys.add(ledger.issue(spec, ledger.secret()));
    }
    ledger.add(keys.get(0), new KeySuspended());
    ledger.add(keys.get(1), REVOCATION);
    ledger.add(keys.get(2), new KeySuspended());
    ledger.add(keys.get(2), REVOCATION);
    ledger.add(keys.get(3), new RevocationPlanned(END, RevocationReason.UNSPECIFIED));
    ledger.issue(DEFAULT_SPEC.in("closed"), ledger.secret());
    ledger.addToWorkspace("closed", new WorkspaceClosed());

    for (Instant now : List.of(Ledger.START, END.minusNanos(1000), END)) {
      var expected = new EnumMap<KeyStatus, Long>(KeyStatus.class);
      for (KeyId key : keys) {
        expected.merge(ledger.index.find(key).orElseThrow().statusAt(now), 1L, Long::sum);
      }
      KeyNumbers numbers = numbers(Ledger.PEPPERS);
      for (KeyStatus status : KeyStatus.values()) {
        assertThat(numbers.keysWith(status, now))
            .as("%s at %s", status, now)
            .isEqualTo(expected.getOrDefault(status, 0L));
      }
    }
    assertThat(numbers(Ledger.PEPPERS).keysWith(KeyStatus.REVOKED, Ledger.START)).isEqualTo(2);
    assertThat(numbers(Ledger.PEPPERS).keysWith(KeyStatus.REVOKED, END)).isEqualTo(3);
  }

  @Test
  void aKeyExpiresSoonUntilItHasExpiredUnlessItIsRevokedBefore() {
    ledger.issue(DEFAULT_SPEC.until(END, END), ledger.secret());
    ledger.issue(DEFAULT_SPEC, ledger.secret());
    KeyId revoked = ledger.issue(DEFAULT_SPEC.until(END, END), ledger.secret());
    ledger.add(revoked, REVOCATION);
    KeyId planned = ledger.issue(DEFAULT_SPEC.until(END, END), ledger.secret());
    ledger.add(planned, new RevocationPlanned(END, RevocationReason.UNSPECIFIED));

    for (Duration within : KeyNumbers.SOON) {
      Instant first = END.minus(within);
      assertThat(expiring(within, first.minusNanos(1000))).isZero();
      assertThat(expiring(within, first)).isEqualTo(1);
      assertThat(expiring(within, END.minusNanos(1000))).isEqualTo(1);
      assertThat(expiring(within, END)).isZero();
    }
  }

  private long expiring(Duration within, Instant now) {
    return numbers(Ledger.PEPPERS).keysExpiring(within, now);
  }

  private KeyNumbers numbers(Peppers peppers) {
    return new KeyNumbers(ledger.index, peppers, () -> nanos++);
  }
}
