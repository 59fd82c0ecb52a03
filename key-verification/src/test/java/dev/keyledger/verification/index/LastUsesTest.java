package dev.keyledger.verification.index;

import static dev.keyledger.verification.index.Ledger.KeySpec.DEFAULT_SPEC;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.keyledger.events.KeyId;
import dev.keyledger.events.SecretUse;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.PresentedKey;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LastUsesTest {
  private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

  private final Ledger ledger = new Ledger();
  private final LastUses uses = new LastUses(ledger.index);
  private final Map<KeyId, KeySecret> secrets = new HashMap<>();
  private final Map<KeyId, Instant> written = new HashMap<>();
  private final List<SecretUse> all = new ArrayList<>();

  @Test
  void aUseIsWrittenOncePerMinuteAndRoundedToTheMinute() {
    KeyId key = issued();
    use(key, NOON.plusSeconds(1));
    use(key, NOON.plusSeconds(59));
    assertThat(write(10)).isEqualTo(1);
    assertThat(written).isEqualTo(Map.of(key, NOON));

    use(key, NOON.plusSeconds(30));
    assertThat(write(10)).isZero();
    use(key, NOON.plusSeconds(60));
    assertThat(write(10)).isEqualTo(1);
    assertThat(written).isEqualTo(Map.of(key, NOON.plusSeconds(60)));
  }

  @Test
  void anEarlierUseNeverReplacesALaterOne() {
    KeyId key = issued();
    use(key, NOON);
    use(key, NOON.minusSeconds(60));
    write(10);
    assertThat(written).isEqualTo(Map.of(key, NOON));
  }

  @Test
  void aKeyThatWasNotUsedIsNotWritten() {
    issued();
    KeyId used = issued();
    use(used, NOON);
    write(10);
    assertThat(written).containsOnlyKeys(used);
  }

  @Test
  void theLimitIsNeverExceededAndKeysTakeTurns() {
    List<KeyId> keys = IntStream.range(0, 25).mapToObj(_ -> issued()).toList();
    var turns = new ArrayList<KeyId>();
    // All are used each minute and ten are written, so that each key has its turn in three rounds.
    for (int minute = 0; minute < 10; minute++) {
      Instant now = NOON.plusSeconds(60L * minute);
      keys.forEach(key -> use(key, now));
      assertThat(
              uses.write(
                  10,
                  some -> {
                    some.forEach(use -> turns.add(use.keyId()));
                    keep(some);
                  }))
          .isEqualTo(10);
    }
    for (int from = 0; from < turns.size(); from += 25) {
      assertThat(new HashSet<>(turns.subList(from, from + 25))).hasSize(25);
    }
    assertThat(write(10) + write(10) + write(10)).isEqualTo(15);
    assertThat(written.values()).containsOnly(NOON.plusSeconds(540));
    assertThat(write(10)).isZero();
  }

  @Test
  void aFailedWriteIsRepeatedLater() {
    KeyId key = issued();
    use(key, NOON);
    assertThatIllegalStateException()
        .isThrownBy(() ->
            uses.write(
                10,
                _ -> {
                  throw new IllegalStateException("database gone");
                }));
    assertThat(write(10)).isEqualTo(1);
    assertThat(written).isEqualTo(Map.of(key, NOON));
    assertThat(write(10)).isZero();
  }

  @Test
  void aUseDuringTheWriteOfTheOneBeforeIsWrittenNext() {
    KeyId key = issued();
    use(key, NOON);
    uses.write(10, _ -> use(key, NOON.plusSeconds(60)));
    assertThat(write(10)).isEqualTo(1);
    assertThat(written).isEqualTo(Map.of(key, NOON.plusSeconds(60)));
  }

  @Test
  void noUseIsLostWhileOthersAreWritten() throws InterruptedException {
    List<KeyId> keys = IntStream.range(0, 300).mapToObj(_ -> issued()).toList();
    List<PresentedKey> found = keys.stream().map(this::found).toList();
    var over = new AtomicBoolean();
    var ready = new CountDownLatch(1);
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              ready.countDown();
              while (!over.get()) {
                write(7);
              }
            });
    ready.await();
    Thread[] users =
        IntStream.range(0, 2)
            .mapToObj(_ ->
                Thread.ofPlatform()
                    .start(() -> {
                      for (int minute = 0; minute < 500; minute++) {
                        Instant now = NOON.plusSeconds(60L * minute);
                        found.forEach(key -> uses.use(key, now));
                      }
                    }))
            .toArray(Thread[]::new);
    for (Thread user : users) {
      user.join();
    }
    over.set(true);
    writer.join();
    write(1000);
    assertThat(written).hasSize(300);
    assertThat(written.values()).containsOnly(NOON.plusSeconds(60L * 499));
  }

  @Test
  void theTwoSecretsOfAnOverlapHaveTheirOwnLastUses() {
    KeyId key = issued();
    KeySecret first = secretOf(key);
    KeySecret second = rotated(key, 2);
    use(found(first), NOON);
    use(found(second), NOON.plusSeconds(60));
    use(found(first), NOON.plusSeconds(120));
    use(found(second), NOON.plusSeconds(60));
    assertThat(write(10)).isEqualTo(2);
    assertThat(all)
        .containsExactlyInAnyOrder(
            new SecretUse(key, 1, NOON.plusSeconds(120)),
            new SecretUse(key, 2, NOON.plusSeconds(60)));
    assertThat(write(10)).isZero();
  }

  /** Otherwise the rotation would seem complete before anybody has the new secret. */
  @Test
  void aUseBeforeARotationIsNeverOneOfTheNewSecret() {
    KeyId key = issued();
    int generation = 1;
    for (int round = 0; round < 100; round++) {
      use(found(secretOf(key)), NOON);
      int used = generation;
      for (int rotations = 0; rotations <= round % 3; rotations++) {
        rotated(key, ++generation);
      }
      all.clear();
      assertThat(write(10)).isEqualTo(1);
      assertThat(all).containsExactly(new SecretUse(key, used, NOON));
    }
  }

  @Test
  void theFirstUseInAnOverlapIsWrittenBeforeAllOthers() {
    List<KeyId> keys = IntStream.range(0, 25).mapToObj(_ -> issued()).toList();
    KeyId rotated = issued();
    KeySecret second = rotated(rotated, 2);
    keys.forEach(key -> use(key, NOON));
    use(found(second), NOON);
    assertThat(write(10)).isEqualTo(10);
    assertThat(all.getFirst()).isEqualTo(new SecretUse(rotated, 2, NOON));
    write(100);
    assertThat(all).as("each once").hasSize(26);
  }

  private int write(int max) {
    return uses.write(max, this::keep);
  }

  private void keep(Collection<SecretUse> some) {
    all.addAll(some);
    some.forEach(use -> written.put(use.keyId(), use.time()));
  }

  private KeyId issued() {
    KeySecret secret = ledger.secret();
    KeyId key = ledger.issue(DEFAULT_SPEC, secret);
    secrets.put(key, secret);
    return key;
  }

  /** Gives a key its next secret, with an overlap. */
  private KeySecret rotated(KeyId key, int generation) {
    KeySecret secret = ledger.secret();
    ledger.rotate(key, generation, secret, NOON.plusSeconds(86_400));
    secrets.put(key, secret);
    return secret;
  }

  private KeySecret secretOf(KeyId key) {
    return requireNonNull(secrets.get(key));
  }

  private void use(KeyId key, Instant now) {
    use(found(key), now);
  }

  private void use(PresentedKey found, Instant now) {
    uses.use(found, now);
  }

  private PresentedKey found(KeyId key) {
    return found(secretOf(key));
  }

  private PresentedKey found(KeySecret secret) {
    return requireNonNull(ledger.verify(Check.of(secret, "default"), NOON).found());
  }
}
