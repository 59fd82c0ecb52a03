package dev.keyledger.verification.index;

import static dev.keyledger.verification.index.Ledger.KeySpec.DEFAULT_SPEC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.keyledger.events.KeyId;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.PresentedKey;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Instant;
import java.util.ArrayList;
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
                    turns.addAll(some.keySet());
                    written.putAll(some);
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

  private int write(int max) {
    return uses.write(max, written::putAll);
  }

  private KeyId issued() {
    KeySecret secret = ledger.secret();
    KeyId key = ledger.issue(DEFAULT_SPEC, secret);
    secrets.put(key, secret);
    return key;
  }

  private void use(KeyId key, Instant now) {
    uses.use(found(key), now);
  }

  private PresentedKey found(KeyId key) {
    KeySecret secret = secrets.get(key);
    if (secret == null) {
      throw new AssertionError(key);
    }
    PresentedKey found = ledger.verify(Check.of(secret, "default"), NOON).found();
    if (found == null) {
      throw new AssertionError(key);
    }
    return found;
  }
}
