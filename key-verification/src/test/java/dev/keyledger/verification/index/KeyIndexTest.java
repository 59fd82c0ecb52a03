package dev.keyledger.verification.index;

import static dev.keyledger.verification.index.Ledger.KeySpec.DEFAULT_SPEC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyDescribed;
import dev.keyledger.events.KeyEvent;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyRenewed;
import dev.keyledger.events.KeyResumed;
import dev.keyledger.events.KeyRevoked;
import dev.keyledger.events.KeySuspended;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LeakReported;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.PermissionsChanged;
import dev.keyledger.events.PolicyChanged;
import dev.keyledger.events.RestrictionsChanged;
import dev.keyledger.events.RevocationReason;
import dev.keyledger.events.SecretRetired;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.events.WorkspacePolicy;
import dev.keyledger.verification.secret.KeySecret;
import dev.keyledger.verification.secret.TestSecrets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class KeyIndexTest {
  private static final Instant END = Ledger.START.plus(Duration.ofDays(90));
  private static final KeyRevoked REVOCATION = new KeyRevoked(RevocationReason.UNSPECIFIED);

  private final Ledger ledger = new Ledger();

  @Test
  void findsAKeyByItsIdInEveryState() {
    assertThat(ledger.index.position()).isZero();
    KeyId key = ledger.issue(DEFAULT_SPEC, ledger.secret());
    ledger.add(key, REVOCATION);
    assertThat(ledger.index.find(key)).contains(fold(key));
    assertThat(ledger.index.find(KeyId.of(0, 0, 0))).isEmpty();
    assertThat(ledger.index.position()).isEqualTo(2);
  }

  @Test
  void anEventAppliedAgainChangesNothing() {
    randomHistory(new Random(7));
    String before = ledger.index.digestOfState();
    ledger.events.forEach(ledger.index::apply);
    assertThat(ledger.index.digestOfState()).isEqualTo(before);
    assertThat(ledger.index.position()).isEqualTo(ledger.events.size());
  }

  @Test
  void aRebuiltIndexEqualsTheLiveOneAndTheFold() {
    long seed = System.nanoTime();
    randomHistory(new Random(seed));
    assertThat(rebuilt(ledger.events).digestOfState())
        .as("seed %s", seed)
        .isEqualTo(ledger.index.digestOfState());
    keysOf(ledger.events)
        .forEach(key -> assertThat(ledger.index.find(key)).as("seed %s", seed).contains(fold(key)));
  }

  @Test
  void everyEventChangesTheDigestOfTheState() {
    long seed = System.nanoTime();
    randomHistory(new Random(seed));
    var index = new KeyIndex();
    String before = index.digestOfState();
    for (LoggedEvent event : ledger.events) {
      index.apply(event);
      assertThat(index.digestOfState()).as("seed %s: %s", seed, event).isNotEqualTo(before);
      before = index.digestOfState();
    }
  }

  @Test
  void theStateDiffersWhereOneFieldDoes() {
    KeyId key = ledger.issue(DEFAULT_SPEC, ledger.secret());
    KeyIndex other = rebuilt(ledger.events);
    ledger.add(key, new KeyDescribed("one", Map.of("a", "b")));
    LoggedEvent e = ledger.last();
    other.apply(
        new LoggedEvent(
            e.position(),
            e.stream(),
            e.sequence(),
            e.workspace(),
            e.time(),
            e.actor(),
            e.requestId(),
            new KeyDescribed("one", Map.of("a", "c")),
            e.context()));
    assertThat(other.digestOfState()).isNotEqualTo(ledger.index.digestOfState());
  }

  @Test
  void theStateIncludesEndedSecretsClosedWorkspacesAndProvenance() {
    assertThat(stateAfter(one -> rotateTwice(one, one.secret())))
        .isEqualTo(stateAfter(two -> rotateTwice(two, two.secret())))
        .isNotEqualTo(stateAfter(two -> rotateTwice(two, KeySecret.of("another"))));

    assertThat(stateAfter(one -> one.addToWorkspace("a", new WorkspaceClosed())))
        .isNotEqualTo(stateAfter(two -> two.addToWorkspace("b", new WorkspaceClosed())));

    var permissions = new PermissionsChanged(List.of("a:b"), List.of());
    var restrictions = new RestrictionsChanged(List.of("10.0.0.0/8"));
    assertThat(stateAfter(one -> addBoth(one, permissions, restrictions)))
        .isNotEqualTo(stateAfter(two -> addBoth(two, restrictions, permissions)));
  }

  private static String stateAfter(Consumer<Ledger> history) {
    var ledger = new Ledger();
    history.accept(ledger);
    return ledger.index.digestOfState();
  }

  /** Afterwards only the index knows the first secret: the key's view holds the last two. */
  private static void rotateTwice(Ledger ledger, KeySecret first) {
    KeyId key = ledger.importKey(DEFAULT_SPEC, first);
    ledger.rotate(key, 2, minted(98), END);
    ledger.rotate(key, 3, minted(99), END);
  }

  private static KeySecret minted(int number) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) number;
    return TestSecrets.spell(Ledger.FORMAT, Environment.LIVE, bytes);
  }

  private static void addBoth(Ledger ledger, KeyEvent one, KeyEvent other) {
    KeyId key = ledger.issue(DEFAULT_SPEC, ledger.secret());
    ledger.add(key, one);
    ledger.add(key, other);
  }

  @Test
  void anEventThatCannotFollowLeavesTheIndexAsItWas() {
    KeyId key = ledger.issue(DEFAULT_SPEC, ledger.secret());
    KeySecret taken = ledger.secret();
    ledger.issue(DEFAULT_SPEC, taken);
    String before = ledger.index.digestOfState();

    assertThatIllegalStateException().isThrownBy(() -> ledger.issue(DEFAULT_SPEC, taken));
    assertThatIllegalStateException().isThrownBy(() -> ledger.rotate(key, 2, taken, END));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ledger.add(key, new RestrictionsChanged(List.of("localhost"))));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ledger.add(key, new PermissionsChanged(List.of("read*"), List.of())));
    LoggedEvent last = ledger.last();
    assertThatIllegalStateException()
        .isThrownBy(() -> ledger.index.apply(moved(last, "elsewhere")));
    assertThat(ledger.index.digestOfState()).isEqualTo(before);
  }

  @Test
  void aDigestOfAnEarlierGenerationCannotComeBack() {
    KeySecret first = ledger.secret();
    KeyId key = ledger.issue(DEFAULT_SPEC, first);
    assertThatIllegalStateException().isThrownBy(() -> ledger.rotate(key, 2, first, END));
  }

  @Test
  void theDigestIsComputedOncePerPosition() {
    ledger.issue(DEFAULT_SPEC, ledger.secret());
    String digest = ledger.index.digestOfState();
    assertThat(ledger.index.digestOfState()).isSameAs(digest);
    ledger.issue(DEFAULT_SPEC, ledger.secret());
    assertThat(ledger.index.digestOfState()).isNotEqualTo(digest);
  }

  @Test
  void countsThePeppersThatActiveSecretsNeed() {
    KeyId old = ledger.issue(DEFAULT_SPEC.under(1), ledger.secret());
    KeyId ending = ledger.issue(DEFAULT_SPEC.until(END, END.plusSeconds(1)), ledger.secret());
    assertThat(living(Ledger.START)).isEqualTo(Map.of(1, 1L, 2, 1L));
    assertThat(living(END)).as("still renewable").isEqualTo(Map.of(1, 1L, 2, 1L));
    assertThat(living(END.plusSeconds(1))).isEqualTo(Map.of(1, 1L));

    ledger.rotate(old, 2, ledger.secret(), END);
    assertThat(living(Ledger.START)).isEqualTo(Map.of(1, 1L, 2, 2L));
    assertThat(living(END)).as("overlap over").isEqualTo(Map.of(2, 2L));
    ledger.add(old, new SecretRetired(1));
    assertThat(living(Ledger.START)).isEqualTo(Map.of(2, 2L));
    ledger.add(ending, REVOCATION);
    assertThat(living(Ledger.START)).isEqualTo(Map.of(2, 1L));
    ledger.addToWorkspace("default", new WorkspaceClosed());
    assertThat(living(Ledger.START)).isEmpty();
    assertThat(ledger.index.isClosed("default")).isTrue();
    assertThat(ledger.index.isClosed("other")).isFalse();
  }

  @Test
  void aPepperIsNeededUntilTheLastSecretUnderItIsEnded() {
    KeyId first = ledger.issue(DEFAULT_SPEC.under(1), ledger.secret());
    KeyId second = ledger.issue(DEFAULT_SPEC.under(1), ledger.secret());
    ledger.add(first, new KeySuspended());
    ledger.rotate(first, 2, ledger.secret(), END);
    assertThat(ledger.index.needsPepper(1)).isTrue();
    ledger.add(first, new SecretRetired(1));
    assertThat(ledger.index.needsPepper(1)).isTrue();
    ledger.add(second, REVOCATION);
    assertThat(ledger.index.needsPepper(1)).isFalse();
    assertThat(ledger.index.needsPepper(2)).isTrue();
    ledger.add(second, new LeakReported(1));
    assertThat(ledger.index.needsPepper(1)).isFalse();
  }

  @Test
  @Timeout(30)
  void aReaderOfAPositionSeesItsEvents() throws Exception {
    KeyId key = ledger.issue(DEFAULT_SPEC, ledger.secret());
    var writing = new AtomicBoolean(true);
    try (var threads = Executors.newFixedThreadPool(2)) {
      var reader =
          threads.submit(() -> {
            long reads = 0;
            while (writing.get()) {
              long position = ledger.index.position();
              assertThat(ledger.index.find(key).orElseThrow().position())
                  .isGreaterThanOrEqualTo(position);
              reads++;
            }
            return reads;
          });
      for (int i = 0; i < 20_000; i++) {
        ledger.add(key, i % 2 == 0 ? new KeySuspended() : new KeyResumed());
      }
      writing.set(false);
      assertThat(reader.get()).isPositive();
    }
  }

  private Map<Integer, Long> living(Instant now) {
    return ledger.index.count(now).secretsByPepper();
  }

  private void randomHistory(Random random) {
    var generations = new HashMap<KeyId, Integer>();
    var keys = new ArrayList<KeyId>();
    for (int i = 0; i < 300; i++) {
      if (keys.isEmpty() || random.nextInt(4) == 0) {
        var spec = DEFAULT_SPEC.in("w" + random.nextInt(3)).under(1 + random.nextInt(2));
        KeyId key =
            random.nextBoolean()
                ? ledger.issue(spec.until(END, END), ledger.secret())
                : ledger.importKey(spec.fromAddresses("10.0.0.0/8"), ledger.secret());
        keys.add(key);
        generations.put(key, 1);
        continue;
      }
      KeyId key = keys.get(random.nextInt(keys.size()));
      switch (random.nextInt(10)) {
        case 0 -> ledger.add(key, new KeySuspended());
        case 1 -> ledger.add(key, new KeyResumed());
        case 2 -> ledger.add(key, REVOCATION);
        case 3 -> ledger.add(key, new KeyRenewed(END.plusSeconds(i), null, List.of()));
        case 4 -> ledger.add(key, new PermissionsChanged(List.of("a:" + i), List.of("read:*")));
        case 5 -> ledger.add(key, new RestrictionsChanged(List.of("10.0.0." + i % 256)));
        case 6 -> ledger.add(key, new KeyDescribed("n" + i, Map.of("z", "1", "a", "2")));
        case 7 -> ledger.add(key, new SecretRetired(generations.getOrDefault(key, 1) - 1));
        case 8 ->
            ledger.rotate(
                key,
                generations.merge(key, 1, Integer::sum),
                ledger.secret(),
                ledger.now().plusSeconds(random.nextInt(100)));
        default ->
            ledger.addToWorkspace(
                "w" + random.nextInt(9),
                random.nextBoolean()
                    ? new WorkspaceClosed()
                    : new PolicyChanged(WorkspacePolicy.DEFAULT));
      }
    }
  }

  private KeyView fold(KeyId key) {
    KeyView view =
        KeyView.fold(
            ledger.events.stream()
                .filter(event -> event.stream().id().equals(key.value()))
                .toList());
    assertThat(view).isNotNull();
    return view;
  }

  private static List<KeyId> keysOf(List<LoggedEvent> events) {
    return events.stream()
        .map(event -> event.stream().id())
        .filter(id -> id.startsWith("key_"))
        .distinct()
        .map(KeyId::new)
        .toList();
  }

  private static KeyIndex rebuilt(List<LoggedEvent> events) {
    var index = new KeyIndex();
    events.forEach(index::apply);
    return index;
  }

  private static LoggedEvent moved(LoggedEvent e, String workspace) {
    return new LoggedEvent(
        e.position() + 1,
        e.stream(),
        e.sequence() + 1,
        workspace,
        e.time(),
        e.actor(),
        e.requestId(),
        new KeySuspended(),
        e.context());
  }
}
