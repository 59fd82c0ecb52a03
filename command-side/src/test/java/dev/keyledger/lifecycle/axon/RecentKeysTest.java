package dev.keyledger.lifecycle.axon;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.events.KeyView;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RecentKeysTest {
  @Test
  void remembersAsManyKeysAsItMayAndNoMore() {
    var recent = new RecentKeys(3);
    for (int key = 1; key <= 3; key++) {
      recent.put(key, "key " + key);
    }
    assertThat(remembered(recent, 3)).isEqualTo(3);
    recent.put(4, "key 4");
    assertThat(remembered(recent, 4)).isEqualTo(3);
  }

  @Test
  void takesATenthOfTheHeapAndAHundredThousandKeysAtMost() {
    long enough = 10L * RecentKeys.KEYS_MAX * RecentKeys.BYTES_OF_A_KEY;
    assertThat(RecentKeys.keysMaxOf(enough)).isEqualTo(100_000);
    assertThat(RecentKeys.keysMaxOf(enough - 1)).isEqualTo(99_999);
    assertThat(RecentKeys.keysMaxOf(2 * enough)).isEqualTo(100_000);
    assertThat(RecentKeys.keysMaxOf(Long.MAX_VALUE)).isEqualTo(100_000);
  }

  @Test
  void forgetsAKeyWithMoreTextThanOneOfManyMayHave() {
    int most = (RecentKeys.TEXT_BYTES_MAX - 2 * 50) / 2 - "note".length();
    var recent = new RecentKeys(3);
    recent.put(KeyAggregateTest.KEY.value(), "the key");

    recent.removeIfLarge(keyWithNote("x".repeat(most)));
    assertThat(recent.containsKey(KeyAggregateTest.KEY.value())).isTrue();
    recent.removeIfLarge(keyWithNote("x".repeat(most + 1)));
    assertThat(recent.containsKey(KeyAggregateTest.KEY.value())).isFalse();
  }

  private static KeyView keyWithNote(String note) {
    return requireNonNull(
        KeyView.fold(
            List.of(KeyAggregateTest.logged(0, KeyAggregateTest.issued(Map.of("note", note))))));
  }

  private static int remembered(RecentKeys recent, int keys) {
    int found = 0;
    for (int key = 1; key <= keys; key++) {
      found += recent.containsKey(key) ? 1 : 0;
    }
    return found;
  }
}
