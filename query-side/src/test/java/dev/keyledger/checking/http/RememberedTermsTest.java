package dev.keyledger.checking.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.http.ProblemException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RememberedTermsTest {
  private final RememberedTerms remembered = new RememberedTerms();

  @Test
  void aQueryThatComesAgainIsNotReadAgain() {
    ForwardTerms first = remembered.of("permission=read:users");

    assertThat(remembered.of(new String("permission=read:users"))).isSameAs(first);
    assertThat(remembered.of(null)).isSameAs(remembered.of(""));
  }

  @Test
  void whatStandsInItsPlaceIsNeverAnotherQuerysTerms() {
    var random = new Random(1);
    for (int round = 0; round < 20 * RememberedTerms.PLACES; round++) {
      String permission = "read:" + random.nextInt(4 * RememberedTerms.PLACES);
      assertThat(remembered.of("permission=" + permission).allText()).isEqualTo(permission);
    }
  }

  @Test
  void theLongestQueryThatIsRememberedAndOneMore() {
    String query = "permission=read:users&atLeast=";
    String longest = query + "a".repeat(RememberedTerms.QUERY_CHARS_MAX - query.length());

    assertThat(remembered.of(longest)).isSameAs(remembered.of(longest));
    assertThat(remembered.of(longest + "a"))
        .isEqualTo(remembered.of(longest + "a"))
        .isNotSameAs(remembered.of(longest + "a"));
  }

  @Test
  void aQueryThatSpellsNothingIsRefusedEachTime() {
    for (int time = 0; time < 2; time++) {
      assertThatThrownBy(() -> remembered.of("permision=read:users"))
          .isInstanceOf(ProblemException.class);
    }
  }
}
