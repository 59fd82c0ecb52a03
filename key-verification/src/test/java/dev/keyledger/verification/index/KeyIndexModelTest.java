package dev.keyledger.verification.index;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.conditions.Permission;
import dev.keyledger.events.Environment;
import dev.keyledger.events.KeyId;
import dev.keyledger.events.KeyState;
import dev.keyledger.events.KeyView;
import dev.keyledger.events.LoggedEvent;
import dev.keyledger.events.Secrets;
import dev.keyledger.events.Validity;
import dev.keyledger.events.WorkspaceClosed;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Check;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.decision.DecisionCode;
import dev.keyledger.verification.decision.PresentedKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/**
 * Compares the index with the pure fold of the same events, at every position: an index that grew,
 * one that was read from its own snapshot, and one that was rebuilt.
 */
class KeyIndexModelTest {
  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final KeyHistory history = new KeyHistory(random);
  private final Ledger ledger = history.ledger;
  private final Map<KeyId, List<LoggedEvent>> events = new HashMap<>();
  private final Map<KeyId, KeyView> views = new HashMap<>();
  private final Set<String> closed = new HashSet<>();
  private final Set<Integer> needed = new HashSet<>();
  private int positionOfNeeded = -1;

  /** An index whose keys share almost nothing. */
  private final KeyIndex unpooled = new KeyIndex(1);

  /** An index that is replaced by its own snapshot from time to time. */
  private KeyIndex reloaded = new KeyIndex();

  @RepeatedTest(5)
  void decidesAsTheFoldDoesAtEveryPosition() {
    for (int i = 0; i < 1_500; i++) {
      step(8);
      KeyHistory.Minted one = history.minted.get(random.nextInt(history.minted.size()));
      assertAgrees(ledger.index, one);
      assertAgrees(unpooled, one);
      assertAgrees(ledger.index, history.minted.getLast());
      if (random.nextInt(50) == 0) {
        reload();
        assertAgrees(reloaded, one);
      }
      assertAgrees(reloaded, history.minted.getLast());
    }
    for (KeyHistory.Minted one : history.minted) {
      assertAgrees(ledger.index, one);
      assertAgrees(reloaded, one);
    }
    assertThat(unpooled.digestOfState())
        .as("seed %s", seed)
        .isEqualTo(ledger.index.digestOfState())
        .isEqualTo(reloaded.digestOfState())
        .isEqualTo(rebuilt().digestOfState());
  }

  /** Pages and segments fill up; keys found before are still found afterwards. */
  @Test
  void decidesAsTheFoldDoesWhileItGrows() {
    for (int i = 0; i < 12_000; i++) {
      step(2);
      if (i % 10 == 0) {
        assertAgrees(ledger.index, history.minted.get(random.nextInt(history.minted.size())));
        assertAgrees(reloaded, history.minted.get(random.nextInt(history.minted.size())));
      }
      if (random.nextInt(2_000) == 0) {
        reload();
      }
    }
    reload();
    for (KeyHistory.Minted one : history.minted) {
      assertAgrees(ledger.index, one);
      assertAgrees(reloaded, one);
    }
    assertThat(rebuilt().digestOfState())
        .as("seed %s", seed)
        .isEqualTo(ledger.index.digestOfState());
  }

  @Test
  void aKeyMayBeRotatedAnyNumberOfTimes() {
    history.addKey();
    KeyId key = history.keys().getFirst();
    for (int i = 0; i < 3_000; i++) {
      history.rotate(key);
    }
    events.put(key, ledger.events);
    views.put(key, new FoldedKey(ledger.events).view());
    for (int i = 0; i < history.minted.size(); i += 100) {
      assertAgrees(ledger.index, history.minted.get(i));
    }
    assertAgrees(ledger.index, history.minted.getLast());
  }

  private void step(int newKeyIn) {
    int before = ledger.events.size();
    history.step(newKeyIn);
    for (LoggedEvent event : ledger.events.subList(before, ledger.events.size())) {
      unpooled.apply(event);
      reloaded.apply(event);
      if (event.event() instanceof WorkspaceClosed) {
        closed.add(event.workspace());
      } else {
        var key = new KeyId(event.stream().id());
        events.computeIfAbsent(key, _ -> new ArrayList<>()).add(event);
        views.put(key, KeyView.after(views.get(key), event));
      }
    }
  }

  private void assertAgrees(KeyIndex index, KeyHistory.Minted one) {
    var check =
        new Check(
            one.secret(),
            one.workspace(),
            random.nextBoolean() ? Check.ANY_ENVIRONMENT : Set.of(Environment.LIVE),
            List.of(),
            random.nextBoolean() ? List.of() : List.of(new Permission("a:" + random.nextInt(9))),
            "10.0.0." + random.nextInt(9),
            false);
    Instant now = ledger.now().plusSeconds(random.nextInt(40) - 20L);
    Decision decision = new KeyVerifier(Ledger.FORMAT, Ledger.PEPPERS, index).verify(check, now);
    String seen = "seed %s, position %s, %s".formatted(seed, ledger.events.size(), one.key());
    if (closed.contains(one.workspace()) || !isTried(one.pepperVersion())) {
      assertThat(decision.code()).as(seen).isEqualTo(DecisionCode.NOT_FOUND);
    } else {
      var folded = new FoldedKey(events.getOrDefault(one.key(), List.of()));
      DecisionCode code = folded.code(one.generation(), check, now);
      assertThat(decision.code()).as(seen).isEqualTo(code);
      assertThat(decision.key()).as(seen).isEqualTo(folded.view());
      assertSaysTheSame(requireNonNull(decision.found()), folded.view(), seen);
      assertThat(decision.generation()).as(seen).isEqualTo(one.generation());
      assertThat(decision.decidedBy()).as(seen).isEqualTo(folded.decidedBy(code, one.generation()));
    }
    assertThat(decision.position()).as(seen).isEqualTo(ledger.events.size());
    assertThat(index.find(one.key()))
        .as(seen)
        .contains(new FoldedKey(events.getOrDefault(one.key(), List.of())).view());
  }

  /** The facts available without the view are equal to the view's. */
  private static void assertSaysTheSame(PresentedKey found, KeyView view, String seen) {
    assertThat(found.keyId()).as(seen).isEqualTo(view.keyId());
    assertThat(found.workspace()).as(seen).isEqualTo(view.workspace());
    assertThat(found.owner()).as(seen).isEqualTo(view.facts().owner());
    Validity validity = view.facts().validity();
    assertThat(found.expiresAt()).as(seen).isEqualTo(validity.expiresAt());
    assertThat(found.renewableUntil()).as(seen).isEqualTo(validity.renewableUntil());
  }

  /** Tests the current pepper always, another one while a key that is not revoked needs it. */
  private boolean isTried(int pepperVersion) {
    return pepperVersion == Ledger.PEPPERS.currentVersion()
        || neededPeppers().contains(pepperVersion);
  }

  /** Returns the peppers of the keys that are not revoked; looks at the keys once per position. */
  private Set<Integer> neededPeppers() {
    if (positionOfNeeded != ledger.events.size()) {
      positionOfNeeded = ledger.events.size();
      needed.clear();
      for (KeyView view : views.values()) {
        if (!(view.state() instanceof KeyState.Revoked)) {
          Secrets secrets = view.facts().secrets();
          needed.add(secrets.current().pepperVersion());
          if (secrets.previous() != null) {
            needed.add(secrets.previous().secret().pepperVersion());
          }
        }
      }
    }
    return needed;
  }

  private void reload() {
    if (reloaded.snapshot().isEmpty()) {
      return; // nothing was applied since the last reload
    }
    String before = reloaded.digestOfState();
    reloaded = SavedIndex.of(reloaded).load();
    assertThat(reloaded.digestOfState()).as("seed %s", seed).isEqualTo(before);
  }

  private KeyIndex rebuilt() {
    var index = new KeyIndex();
    ledger.events.forEach(index::apply);
    return index;
  }
}
