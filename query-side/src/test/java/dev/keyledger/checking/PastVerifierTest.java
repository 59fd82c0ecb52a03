package dev.keyledger.checking;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.conditions.Permission;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.pointintime.PointInTime;
import dev.keyledger.projection.Histories;
import dev.keyledger.projection.TestLog;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.decision.DecisionCode;
import dev.keyledger.verification.index.KeyIndex;
import dev.keyledger.verification.secret.KeyFormat;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verification.secret.Peppers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Compares decisions about the past with those made at the time, after each event of random
 * histories.
 */
@Timeout(120)
class PastVerifierTest {
  private static final int EVENTS = 400;

  @Test
  void aDecisionAboutThePastEqualsTheOneMadeThen() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    Peppers peppers = Peppers.parse("1:" + Base64.getEncoder().encodeToString(new byte[32]));
    var format = new KeyFormat(KeyFormat.DEFAULT_BRAND);
    Set<DecisionCode> seen = EnumSet.noneOf(DecisionCode.class);
    try (TestLog log = TestLog.empty()) {
      log.append(new Histories(seed, 1).next(EVENTS));
      var index = new KeyIndex();
      var verifier = new KeyVerifier(format, peppers, index);
      var past = new PastVerifier(format, peppers, log.reader);
      List<KeyId> keys = new ArrayList<>();
      for (LoggedEvent event : log.reader.readAfter(0, EVENTS * 2)) {
        index.apply(event);
        if (event.event() instanceof KeyEvent) {
          keys.add(new KeyId(event.stream().id()));
        }
        Instant time = Histories.EPOCH.plus(Duration.ofDays(random.nextInt(200) - 50));
        KeyId key = keys.isEmpty() ? Histories.keyId(1, 1) : keys.get(random.nextInt(keys.size()));
        Check check = check(key, event.workspace(), random);

        Decision then = verifier.verifyById(key, check, time);
        var point = new PointInTime(event.position(), time);
        Decision now = past.verify(check, key, point).decision();
        assertThat(now.position()).isEqualTo(event.position());
        assertThat(List.of(now.code(), now.missingPermissions(), now.conditions()))
            .as("seed %d, position %d", seed, event.position())
            .isEqualTo(List.of(then.code(), then.missingPermissions(), then.conditions()));
        assertThat(now.key()).isEqualTo(then.key());
        assertThat(now.decidedBy()).isEqualTo(then.decidedBy());
        seen.add(now.code());
      }
    }
    assertThat(seen)
        .contains(
            DecisionCode.VALID,
            DecisionCode.REVOKED,
            DecisionCode.EXPIRED,
            DecisionCode.ISSUER_INVALID,
            DecisionCode.INSUFFICIENT_PERMISSIONS);
  }

  private static Check check(KeyId key, String workspace, Random random) {
    List<Permission> required =
        random.nextBoolean() ? List.of() : List.of(new Permission("read:users"));
    return new Check(
        KeySecret.of(key.value()),
        workspace,
        Check.ANY_ENVIRONMENT,
        List.of(),
        required,
        random.nextBoolean() ? "203.0.113.7" : null,
        true);
  }
}
