package dev.keyledger.lifecycle.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.access.Workspaces;
import dev.keyledger.conditions.Permission;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.lifecycle.Ledger;
import dev.keyledger.log.KeySideRows;
import dev.keyledger.log.LogReader;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** The shared key across restarts of nodes, on a clock that the test moves. */
@Timeout(120)
@ExtendWith(OutputCaptureExtension.class)
class SharedKeyTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final CommandNode node = new CommandNode(new TestLedger(), CommandNode.PEPPER_1);

  /**
   * The values of this test alone; those of earlier tests are earlier values than {@link #first}.
   */
  private final String first = "the-first-key-that-all-share-" + UUID.randomUUID();

  private final String second = "the-second-key-that-all-share-" + UUID.randomUUID();
  private Instant now = Instant.now();

  @AfterAll
  static void end() {
    node.close();
  }

  @Test
  void anotherValueRevokesTheKeyOfTheEarlierOneAtOnceAndSaysSo(CapturedOutput output) {
    started(first, Duration.ZERO);
    KeyId earlier = keyOf(first).keyId();
    started(second, Duration.ZERO);

    assertThat(stateOf(earlier)).isInstanceOf(KeyState.Revoked.class);
    assertThat(((KeyState.Revoked) stateOf(earlier)).reason())
        .isEqualTo(RevocationReason.SUPERSEDED);
    assertThat(stateOf(keyOf(second).keyId())).isInstanceOf(KeyState.Active.class);
    assertThat(output).contains("KEYLEDGER_SHARED_KEY has changed: revoking the key " + earlier);
    assertThat(output).doesNotContain(first).doesNotContain(second);
  }

  @Test
  void theSameValueRevokesNothing() {
    started(first, Duration.ZERO);
    KeyView before = keyOf(first);
    started(first, Duration.ZERO);

    assertThat(stateOf(before.keyId())).isInstanceOf(KeyState.Active.class);
    assertThat(keyOf(first).facts().version()).isEqualTo(before.facts().version());
  }

  @Test
  void withAnOverlapTheEarlierKeyExpiresAtItsEndAndIsThenRevoked() {
    started(first, HOUR);
    KeyId earlier = keyOf(first).keyId();
    SharedKey later = started(second, HOUR);
    Instant end = keyOf(second).createdAt().plus(HOUR);

    assertThat(stateOf(earlier)).isInstanceOf(KeyState.Active.class);
    assertThat(read(earlier).facts().validity().expiresAt()).isEqualTo(end);
    now = end.minusMillis(1);
    assertThat(later.maintain()).isTrue();
    assertThat(stateOf(earlier)).isInstanceOf(KeyState.Active.class);
    now = end;
    assertThat(later.maintain()).isTrue();
    assertThat(((KeyState.Revoked) stateOf(earlier)).reason())
        .isEqualTo(RevocationReason.SUPERSEDED);
  }

  @Test
  void aNodeThatStillHasTheEarlierValueLeavesTheLaterKeyAlone(CapturedOutput output) {
    started(first, HOUR);
    started(second, HOUR);
    KeyView later = keyOf(second);
    started(first, Duration.ZERO);

    assertThat(read(later.keyId())).isEqualTo(later);
    assertThat(output).contains("KEYLEDGER_SHARED_KEY is an earlier value");
  }

  @Test
  void keysOfTheSameOwnerThatSomebodyIssuedAreLeftAlone() {
    started(first, Duration.ZERO);
    var issued =
        node.post(
            "/v1/keys",
            "{\"name\":\"n\",\"owner\":{\"type\":\"app\",\"id\":\"shared\"},\"permissions\":[]}");
    started(second, Duration.ZERO);

    assertThat(stateOf(new KeyId(issued.field("keyId")))).isInstanceOf(KeyState.Active.class);
  }

  @Test
  void itIsRenewedInTimeWhereThePolicyWantsEveryKeyToExpire() {
    SharedKey key = started(first, Duration.ZERO);
    Instant end = Objects.requireNonNull(keyOf(first).facts().validity().expiresAt());
    now = end.minus(Duration.ofDays(183));
    assertThat(key.maintain()).isTrue();
    assertThat(keyOf(first).facts().validity().expiresAt()).isEqualTo(end);

    now = now.plusMillis(1);
    assertThat(key.maintain()).isTrue();
    assertThat(keyOf(first).facts().validity().expiresAt())
        .isEqualTo(now.plus(Duration.ofDays(366)).truncatedTo(ChronoUnit.MILLIS));
  }

  @Test
  void itNeverExpiresWhereThePolicyAllowsThat() {
    SharedKey key = started(first, Duration.ZERO);
    assertThat(
            node.send("PATCH", "/v1/workspaces/default", "{\"policy\":{\"allowNoExpiry\":true}}")
                .status())
        .isEqualTo(200);
    assertThat(key.maintain()).isTrue();
    assertThat(keyOf(first).facts().validity().expiresAt()).isNull();
    long version = keyOf(first).facts().version();
    assertThat(key.maintain()).isTrue();
    assertThat(keyOf(first).facts().version()).isEqualTo(version);

    started(second, Duration.ZERO);
    assertThat(keyOf(second).facts().validity().expiresAt()).isNull();
    node.send("PATCH", "/v1/workspaces/default", "{\"policy\":{\"allowNoExpiry\":false}}");
  }

  private SharedKey started(String value, Duration overlap) {
    var policies =
        new WorkspacePolicies(
            node.bean(Workspaces.class),
            node.bean(LogReader.class),
            node.bean(Freshness.class),
            node.bean(CommandLimits.class),
            () -> now);
    var key =
        new SharedKey(
            KeySecret.of(value),
            List.of(new Permission("read:users")),
            overlap,
            node.bean(Ledger.class),
            node.bean(SecretMint.class),
            node.bean(KeyVerifier.class),
            node.bean(LogReader.class),
            node.bean(KeySideRows.class),
            node.bean(Freshness.class),
            policies,
            () -> now);
    key.start();
    return key;
  }

  private KeyView keyOf(String value) {
    node.bean(Freshness.class)
        .awaitIndex(node.bean(LogReader.class).head().position(), Duration.ofSeconds(10));
    var found =
        node.bean(KeyVerifier.class).verify(Check.of(KeySecret.of(value), "default"), now).key();
    return Objects.requireNonNull(found);
  }

  private KeyView read(KeyId key) {
    return node.bean(LogReader.class).key(key, "default").orElseThrow();
  }

  private KeyState stateOf(KeyId key) {
    return read(key).state();
  }
}
