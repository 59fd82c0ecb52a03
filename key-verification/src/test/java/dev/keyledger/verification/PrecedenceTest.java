package dev.keyledger.verification;

import static dev.keyledger.verification.decision.DecisionCode.EXPIRED;
import static dev.keyledger.verification.decision.DecisionCode.NOT_YET_ACTIVE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.conditions.Permission;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Condition;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.decision.DecisionCode;
import dev.keyledger.verification.index.Ledger;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The precedence of unmet conditions: the code is the first in the order of {@link DecisionCode}.
 */
class PrecedenceTest {
  private static final EnumSet<DecisionCode> OF_KNOWN_KEYS =
      EnumSet.range(DecisionCode.REVOKED, DecisionCode.INSUFFICIENT_PERMISSIONS);

  private final Ledger ledger = new Ledger();

  static Stream<Set<DecisionCode>> everySetOfFailures() {
    DecisionCode[] codes = OF_KNOWN_KEYS.toArray(DecisionCode[]::new);
    return Stream.iterate(0, bits -> bits < 1 << codes.length, bits -> bits + 1)
        .map(bits -> {
          var set = EnumSet.noneOf(DecisionCode.class);
          for (int i = 0; i < codes.length; i++) {
            if ((bits & 1 << i) != 0) {
              set.add(codes[i]);
            }
          }
          return set;
        });
  }

  @ParameterizedTest
  @MethodSource("everySetOfFailures")
  void theFirstFailureIsTheCode(Set<DecisionCode> failures) {
    Decision decision = keyThatFails(failures);
    DecisionCode first = failures.stream().findFirst().orElse(DecisionCode.VALID);
    // EnumSet iterates in declaration order, which is the order of precedence; revocation ends a
    // suspension.
    assertThat(decision.code()).isEqualTo(first);
    assertThat(decision.conditions())
        .extracting(Condition::code)
        .containsExactlyElementsOf(OF_KNOWN_KEYS);
    boolean revoked = failures.contains(DecisionCode.REVOKED);
    assertThat(decision.conditions())
        .filteredOn(condition -> !(revoked && condition.code() == DecisionCode.SUSPENDED))
        .allSatisfy(condition ->
            assertThat(condition.met()).isEqualTo(!failures.contains(condition.code())));
  }

  private KeyId revokedOperator() {
    KeyId operator = ledger.issue(Ledger.KeySpec.DEFAULT_SPEC, ledger.secret());
    ledger.add(operator, new KeyRevoked(RevocationReason.LEAKED));
    return operator;
  }

  private Decision keyThatFails(Set<DecisionCode> failures) {
    Instant now = Ledger.START.plus(Duration.ofDays(1));
    KeySecret secret = ledger.secret();
    var spec = Ledger.KeySpec.DEFAULT_SPEC;
    if (failures.contains(NOT_YET_ACTIVE)) {
      spec = spec.from(now.plusNanos(1));
    }
    if (failures.contains(EXPIRED)) {
      spec = spec.until(now, null);
    }
    if (failures.contains(DecisionCode.WRONG_ENVIRONMENT)) {
      spec = spec.of(Environment.TEST);
    }
    if (failures.contains(DecisionCode.IP_NOT_ALLOWED)) {
      spec = spec.fromAddresses("203.0.113.7");
    }
    KeyId key =
        failures.contains(DecisionCode.ISSUER_INVALID)
            ? ledger.issueAs(revokedOperator(), spec.holding("read:*", "keyledger:verify"), secret)
            : ledger.issue(spec, secret);
    if (failures.contains(DecisionCode.ROTATED_OUT)) {
      ledger.rotate(key, 2, ledger.secret(), now);
    }
    if (failures.contains(DecisionCode.SUSPENDED)) {
      ledger.add(key, new KeySuspended());
    }
    if (failures.contains(DecisionCode.REVOKED)) {
      ledger.add(key, new KeyRevoked(RevocationReason.UNSPECIFIED));
    }
    String required =
        failures.contains(DecisionCode.INSUFFICIENT_PERMISSIONS) ? "write:a" : "read:a";
    var check =
        new Check(
            secret,
            "default",
            Check.LIVE_ONLY,
            List.of(),
            List.of(new Permission(required)),
            null,
            true);
    return ledger.verify(check, now);
  }
}
