package dev.keyledger.checking.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.http.ProblemException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ForwardAuthQueryCacheTest {
  private final ForwardAuthQueryCache cache = new ForwardAuthQueryCache();

  @Test
  void aQueryThatComesAgainIsNotReadAgain() {
    ForwardAuthQuery first = cache.of("permission=read:users");

    assertThat(cache.of(new String("permission=read:users"))).isSameAs(first);
    assertThat(cache.of(null)).isSameAs(cache.of(""));
  }

  @Test
  void aCachedQueryIsNeverTakenForAnother() {
    var random = new Random(1);
    for (int round = 0; round < 20 * ForwardAuthQueryCache.SLOTS; round++) {
      String permission = "read:" + random.nextInt(4 * ForwardAuthQueryCache.SLOTS);
      assertThat(cache.of("permission=" + permission).allText()).isEqualTo(permission);
    }
  }

  @Test
  void theLongestQueryIsCachedButNoLongerOne() {
    String query = "permission=read:users&atLeast=";
    String longest = query + "a".repeat(ForwardAuthQueryCache.QUERY_CHARS_MAX - query.length());

    assertThat(cache.of(longest)).isSameAs(cache.of(longest));
    assertThat(cache.of(longest + "a"))
        .isEqualTo(cache.of(longest + "a"))
        .isNotSameAs(cache.of(longest + "a"));
  }

  @Test
  void anUnreadableQueryIsRefusedEachTime() {
    for (int time = 0; time < 2; time++) {
      assertThatThrownBy(() -> cache.of("permision=read:users"))
          .isInstanceOf(ProblemException.class);
    }
  }
}
