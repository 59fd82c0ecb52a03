package dev.keyledger.verification.decision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PermissionTest {
  private static final String LONGEST = "a:" + "b".repeat(126);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "read:users",
        "0:9",
        "a.b_c-d:e",
        "*:*",
        "read:*",
        "*:users",
        "a:b:c:d:e:f:g:h",
        "a:*:c",
        "z:z",
      })
  void readsTheGrammar(String text) {
    assertThat(new Permission(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "read",
        "*",
        ":",
        "read:",
        ":users",
        "a::b",
        "Read:users",
        "read:-users",
        "read:.users",
        "read:_x",
        "read:u*",
        "read:**",
        "*a:b",
        "read users:x",
        "read:us\u00e9rs",
        "re\u0430d:users",
        "read:users\n",
        "a:b:c:d:e:f:g:h:i",
        "a:`",
        "a:{",
        "a:/",
        "a:b;",
      })
  void rejectsEverythingElse(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Permission(text))
        .withMessageStartingWith("must be 2 to 8 segments");
  }

  @Test
  void readsUpToTheMaximumLength() {
    assertThat(new Permission(LONGEST).value()).hasSize(128);
    assertThatIllegalArgumentException().isThrownBy(() -> new Permission(LONGEST + "b"));
  }

  @ParameterizedTest
  @CsvSource({
    "read:users,     read:users,         true",
    "read:users,     read:user,          false",
    "read:user,      read:users,         false",
    "read:users,     read:users:42,      false",
    "read:users:42,  read:users,         false",
    "read:*,         read:users,         true",
    "read:*,         read:users:42:x,    true",
    "read:*,         write:users,        false",
    "*:users,        read:users,         true",
    "*:users,        read:users:42,      false",
    "read:*:42,      read:users:42,      true",
    "read:*:42,      read:users:43,      false",
    "read:*:42,      read:a:b:42,        false",
    "read:*:*,       read:users,         false",
    "*:*,            read:users:42,      true",
    "*:*,            keyledger:keys,     false",
    "*:keys:*,       keyledger:keys:x,   false",
    "*:*,            keyledgers:keys,    true",
    "*:*,            keyledge:keys,      true",
    "*:*,            read:keyledger,     true",
    "read:*,         read:keyledger,     true",
    "a:*:c,          a:keyledger:c,      true",
    "keyledger:*,    keyledger:keys:issue, true",
    "keyledger:*,    keyledger:verify,   true",
    "keyledger:*,    read:users,         false",
    "keyledger:keys:*, keyledger:keys:issue, true",
    "keyledger:keys:*, keyledger:audit:read, false",
  })
  void matchesLiterals(String pattern, String literal, boolean matches) {
    assertThat(new Permission(pattern).covers(new Permission(literal))).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "read:*,    read:*,      true",
    "read:*,    read:*:*,    true",
    "read:*:*,  read:*,      false",
    "read:*,    read:*:42,   true",
    "read:*:42, read:*,      false",
    "read:users, read:*,     false",
    "*:*,       *:users,     true",
    "*:*,       read:*,      true",
    "*:*,       keyledger:*, false",
    "keyledger:*, *:*,       false",
    "*:users,   *:*,         false",
    "read:a:b,  read:a:*,    false",
    "*:a:*,     *:a:b,       true",
  })
  void coversPatterns(String pattern, String other, boolean covers) {
    assertThat(new Permission(pattern).covers(new Permission(other))).isEqualTo(covers);
  }

  @Test
  void coveringEqualsMatchingAllTheSameLiterals() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    List<Permission> literals = allLiterals();
    for (int i = 0; i < 3_000; i++) {
      Permission a = pattern(random);
      Permission b = pattern(random);
      boolean matchesAll = literals.stream().filter(b::covers).allMatch(a::covers);
      assertThat(a.covers(b)).as("seed %s: %s covers %s", seed, a, b).isEqualTo(matchesAll);
      assertThat(a.covers(a)).as("seed %s: %s covers itself", seed, a).isTrue();
    }
  }

  @Test
  void coveringIsTransitive() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    int chains = 0;
    for (int i = 0; i < 200_000; i++) {
      Permission a = pattern(random);
      Permission b = pattern(random);
      Permission c = pattern(random);
      if (a.covers(b) && b.covers(c)) {
        chains++;
        assertThat(a.covers(c)).as("seed %s: %s, %s, %s", seed, a, b, c).isTrue();
      }
    }
    assertThat(chains).as("seed %s", seed).isGreaterThan(100);
  }

  @Test
  void setsAnswerForLiteralsAndPatterns() {
    var set = PermissionSet.of(List.of("read:*", "write:users"));
    assertThat(set.holds(new Permission("read:x:y"))).isTrue();
    assertThat(set.holds(new Permission("read:*:y"))).isTrue();
    assertThat(set.holds(new Permission("write:users"))).isTrue();
    assertThat(set.holds(new Permission("write:groups"))).isFalse();
    assertThat(set.holds(new Permission("*:*"))).isFalse();
    assertThat(PermissionSet.of(List.of()).holds(new Permission("read:x"))).isFalse();
    assertThat(set.permissions())
        .containsExactly(new Permission("read:*"), new Permission("write:users"));
    assertThat(set).hasToString("[read:*, write:users]");
    assertThatIllegalArgumentException().isThrownBy(() -> PermissionSet.of(List.of("read")));
  }

  @ParameterizedTest
  @CsvSource({
    "keyledger:grant:read:*,     read:users,           true",
    "keyledger:grant:read:*,     read:*,               true",
    "keyledger:grant:read:*,     write:users,          false",
    "keyledger:grant:read:users, read:users,           true",
    "keyledger:grant:read:users, read:*,               false",
    "keyledger:grant:*,          a:b:c:d:e:f:g:h,      true",
    "keyledger:grant:*,          *:*,                  true",
    "keyledger:*,                *:*,                  true",
    "keyledger:grant:*,          keyledger:keys:issue, false",
    "keyledger:*,                keyledger:keys:issue, true",
    "keyledger:keys:*,           keyledger:keys:issue, true",
    "keyledger:keys:*,           read:users,           false",
    "read:users,                 read:users,           false",
    "*:*,                        read:users,           false",
    "*:*,                        keyledger:keys:issue, false",
    "keyledger:grant:keyledger:keys:issue, keyledger:keys:issue, false",
  })
  void aCeilingIsHeldAsGrants(String held, String granted, boolean may) {
    var set = PermissionSet.of(List.of("other:thing", held));
    assertThat(set.mayGrant(new Permission(granted))).isEqualTo(may);
  }

  @Test
  void aCeilingReachesTheLongestPermission() {
    var set = PermissionSet.of(List.of("keyledger:grant:a:*"));
    assertThat(set.mayGrant(new Permission(LONGEST))).isTrue();
  }

  private static Permission pattern(Random random) {
    String[] segments = {"a", "b", "*", "keyledger", "*"};
    int length = 2 + random.nextInt(3);
    return new Permission(
        String.join(
            ":",
            IntStream.range(0, length)
                .mapToObj(_ -> segments[random.nextInt(segments.length)])
                .toList()));
  }

  /**
   * Returns every literal of up to five segments, over an alphabet with one letter more than the
   * patterns have.
   */
  private static List<Permission> allLiterals() {
    List<String> texts = new ArrayList<>(List.of("a", "b", "c", "keyledger"));
    List<String> last = texts;
    List<Permission> literals = new ArrayList<>();
    for (int length = 2; length <= 5; length++) {
      last = last.stream().flatMap(text -> texts.stream().map(more -> text + ":" + more)).toList();
      last.forEach(text -> literals.add(new Permission(text)));
    }
    return literals;
  }
}
