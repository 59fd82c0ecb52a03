package dev.keyledger.conditions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PermissionTest {
  private static final String LONGEST = "a".repeat(255);
  private static final String SEPARATORS = ":./";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "read:users",
        "users.read",
        "users/read",
        "repo",
        "openid",
        "User.Read",
        "s3:GetObject",
        "https://www.googleapis.com/auth/drive",
        "https://example.com/*",
        "a:b:c:d:e:f:g:h:i:j",
        "a::b",
        "a:",
        ":a",
        "/",
        "*",
        "*:*",
        "*.read",
        "a:*:c",
        "read:*",
        "read.*/x",
        "a-b_c+d=e@f!#$%&'();<>?[]^`{|}~",
        "Keyledger:x", // an old event may hold it; see below
      })
  void readsScopeTokens(String text) {
    assertThat(new Permission(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a b",
        " a",
        "a,b",
        "a\"b",
        "a\\b",
        "a\n",
        "a\0",
        "a\u007f",
        "read:us\u00e9rs",
        "re\u0430d:users",
        "read:\u200busers",
        "\ufeffread",
      })
  void rejectsOtherCharacters(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Permission(text))
        .withMessageStartingWith("must consist of visible ASCII characters");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a*", "*a", "**", "read:u*", "read:**", "*a:b", "a:*b:c", "a.*-/c", "*-*"})
  void rejectsAWildcardThatIsPartOfASegment(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Permission(text))
        .withMessageStartingWith("must hold * only as a whole segment");
  }

  @Test
  void hasUpTo255Characters() {
    assertThat(new Permission(LONGEST).value()).hasSize(255);
    assertThatIllegalArgumentException().isThrownBy(() -> new Permission(LONGEST + "b"));
    assertThatIllegalArgumentException().isThrownBy(() -> new Permission(""));
  }

  @Test
  void aGrantHasUpTo280Characters() {
    String longest = "keyledger:grant:" + "a".repeat(264);
    assertThat(new Permission(longest).value()).hasSize(280);
    assertThatIllegalArgumentException().isThrownBy(() -> new Permission(longest + "a"));
    assertThat(new Permission("keyledger:grant:" + LONGEST).isKnown()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "keyledger",
        "keyledger:",
        "keyledger:verfy",
        "keyledger:Verify",
        "Keyledger:verify",
        "KEYLEDGER:verify",
        "keyledger.verify",
        "keyledger/verify",
        "kEyLeDgEr.x",
        "keyledger:keys",
        "keyledger:keys:",
        "keyledger:keys.issue",
        "keyledger:keys:issue:x",
        "keyledger:audit:*",
        "keyledger:*:read",
        "keyledger:*:*",
        "keyledger.*",
        "KEYLEDGER:*",
        "keyledger:grant",
        "keyledger:grant:",
        "keyledger:grant:keyledger",
        "keyledger:grant:keyledger:keys:issue",
        "keyledger:grant:KeyLedger.x",
        "keyledger.grant:read:users",
      })
  void theNamespaceOfKeyledgerIsReserved(String text) {
    assertThat(new Permission(text).isKnown()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "keyledgers",
        "keyledger-x:read",
        "keyledge:verify",
        "read:keyledger",
        "x.keyledger:*",
        "keyledger:grant:x:keyledger",
        "keyledger:grant:*",
        "keyledger:grant:read:*",
        "keyledger:grant:https://example.com/*",
      })
  void othersAndGrantsOfThemAreKnown(String text) {
    assertThat(new Permission(text).isKnown()).isTrue();
  }

  @Test
  void keyledgersOwnPermissionsAreKnown() {
    for (String text : Permission.allKnown()) {
      assertThat(new Permission(text).isKnown()).as(text).isTrue();
      assertThat(new Permission(text).isKeyledgers()).as(text).isTrue();
      assertThat(new Permission("*").covers(new Permission(text))).as(text).isFalse();
      assertThat(new Permission("keyledger:*").covers(new Permission(text))).as(text).isTrue();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "keyledger:keys:issue, true",
    "keyledger:*,          true",
    "keyledger:grant:read, true",
    "keyledger:self:renew, false",
    "keyledger:self:*,     false",
    "keyledger.x:y,        false",
    "read:users,           false",
  })
  void aPermissionBeyondItselfMakesAnOperator(String text, boolean operator) {
    assertThat(new Permission(text).isOperators()).isEqualTo(operator);
  }

  /** Reads the table that the clients' tests read too. */
  @ParameterizedTest
  @CsvFileSource(resources = "permissions.csv")
  void coversWhatTheTableSays(String pattern, String other, boolean covers) {
    assertThat(new Permission(pattern).covers(new Permission(other))).isEqualTo(covers);
  }

  /**
   * Returns the rules of the contract as a regular expression, written independently of the code.
   */
  private static Pattern reference(String pattern) {
    if (pattern.equals("keyledger:*")) {
      return Pattern.compile("keyledger:.*");
    }
    if (pattern.startsWith("keyledger:grant:")) {
      return Pattern.compile("keyledger:grant:" + reference(pattern.substring(16)));
    }
    String notKeyledger = "(?!(?i:keyledger)(?:[:./]|$))";
    if (pattern.equals("*")) {
      return Pattern.compile(notKeyledger + ".*");
    }
    var regex = new StringBuilder();
    String[] parts = pattern.split("(?<=[:./])|(?=[:./])", -1);
    for (int i = 0; i < parts.length; i++) {
      if (!parts[i].equals("*")) {
        regex.append(Pattern.quote(parts[i]));
      } else if (i == 0) {
        regex.append(notKeyledger).append("[^:./]+");
      } else if (i == parts.length - 1) {
        regex.append("[^:./]+(?:[:./][^:./]+)*");
      } else {
        regex.append("[^:./]+");
      }
    }
    return Pattern.compile(regex.toString());
  }

  @Test
  void matchingIsAsAReferenceMatcherHasIt() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    int matches = 0;
    for (int i = 0; i < 20_000; i++) {
      String pattern = text(random, 1 + random.nextInt(4), "a", "Bc", "*", "*", "", "keyledger");
      Pattern reference = reference(pattern);
      for (int j = 0; j < 20; j++) {
        String literal = mutated(random, instanceOf(random, pattern));
        if (literal.isEmpty()) {
          continue;
        }
        boolean expected = reference.matcher(literal).matches();
        matches += expected ? 1 : 0;
        assertThat(new Permission(pattern).covers(new Permission(literal)))
            .as("seed %s: %s matches %s", seed, pattern, literal)
            .isEqualTo(expected);
      }
    }
    assertThat(matches).as("seed %s", seed).isBetween(50_000, 350_000);
  }

  /** Checks the ceiling: a holder of G that may grant P grants nothing beyond G. */
  @Test
  void theCoveringPatternMatchesAllThatTheCoveredOneMatches() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    int compared = 0;
    for (int i = 0; i < 50_000; i++) {
      String grant = text(random, 1 + random.nextInt(4), "a", "Bc", "*", "*", "", "keyledger");
      String granted =
          random.nextBoolean()
              ? mutated(random, patternBelow(random, grant))
              : text(random, 1 + random.nextInt(4), "a", "*", "*", "");
      if (!isPermission(granted) || !new Permission(grant).covers(new Permission(granted))) {
        continue;
      }
      Pattern outer = reference(grant);
      Pattern inner = reference(granted);
      for (int j = 0; j < 20; j++) {
        String literal = mutated(random, instanceOf(random, granted));
        if (inner.matcher(literal).matches()) {
          compared++;
          assertThat(outer.matcher(literal).matches())
              .as("seed %s: %s covers %s, which matches %s", seed, grant, granted, literal)
              .isTrue();
        }
      }
    }
    assertThat(compared).as("seed %s", seed).isGreaterThan(50_000);
  }

  @Test
  void coveringEqualsMatchingAllTheSameLiterals() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    List<Permission> literals = allLiterals();
    int covered = 0;
    for (int i = 0; i < 3_000; i++) {
      Permission a = pattern(random);
      Permission b = pattern(random);
      boolean matchesAll = literals.stream().filter(b::covers).allMatch(a::covers);
      assertThat(a.covers(b)).as("seed %s: %s covers %s", seed, a, b).isEqualTo(matchesAll);
      assertThat(a.covers(a)).as("seed %s: %s covers itself", seed, a).isTrue();
      covered += matchesAll ? 1 : 0;
    }
    assertThat(covered).as("seed %s", seed).isGreaterThan(50);
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
    assertThatIllegalArgumentException().isThrownBy(() -> PermissionSet.of(List.of("re ad")));
  }

  @ParameterizedTest
  @CsvSource({
    "keyledger:grant:read:*,     read:users,           true",
    "keyledger:grant:read:*,     read:*,               true",
    "keyledger:grant:read:*,     write:users,          false",
    "keyledger:grant:read:users, read:users,           true",
    "keyledger:grant:read:users, read:*,               false",
    "keyledger:grant:*,          a:b.c/d,              true",
    "keyledger:grant:*,          https://example.com/, true",
    "keyledger:grant:*,          *,                    true",
    "keyledger:grant:read:*,     *,                    false",
    "keyledger:grant:read:*,     read.users,           false",
    "keyledger:*,                https://example.com/, true",
    "*,                          read:users,           false",
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
    var set = PermissionSet.of(List.of("keyledger:grant:*"));
    assertThat(set.mayGrant(new Permission(LONGEST))).isTrue();
  }

  private static Permission pattern(Random random) {
    return new Permission(
        orColon(text(random, 1 + random.nextInt(3), "a", "*", "*", "", "keyledger")));
  }

  private static String orColon(String text) {
    return text.isEmpty() ? ":" : text;
  }

  /** Returns a text of so many segments, with random separators. */
  private static String text(Random random, int segments, String... choices) {
    var text = new StringBuilder();
    for (int i = 0; i < segments; i++) {
      if (i > 0) {
        text.append(separator(random));
      }
      text.append(choices[random.nextInt(choices.length)]);
    }
    return orColon(text.toString());
  }

  private static char separator(Random random) {
    return SEPARATORS.charAt(random.nextInt(SEPARATORS.length()));
  }

  /** Returns a literal that the pattern probably matches. */
  private static String instanceOf(Random random, String pattern) {
    var literal = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      if (pattern.charAt(i) != '*') {
        literal.append(pattern.charAt(i));
      } else {
        int segments = i == pattern.length() - 1 ? 1 + random.nextInt(3) : 1;
        literal.append(text(random, segments, "a", "Bc", "d", "x-y", "keyledger", "KeyLedger", ""));
      }
    }
    return literal.toString();
  }

  /** Returns a pattern that the given one probably covers. */
  private static String patternBelow(Random random, String pattern) {
    var below = new StringBuilder();
    for (int i = 0; i < pattern.length(); i++) {
      if (pattern.charAt(i) != '*') {
        below.append(pattern.charAt(i));
      } else {
        int segments = i == pattern.length() - 1 ? 1 + random.nextInt(3) : 1;
        below.append(text(random, segments, "a", "*", "*", "*", "keyledger", ""));
      }
    }
    return below.toString();
  }

  /** Returns the text, one time in four with a character added, removed or replaced. */
  private static String mutated(Random random, String text) {
    if (random.nextInt(4) > 0) {
      return text;
    }
    int at = random.nextInt(text.length());
    String changed =
        switch (random.nextInt(3)) {
          case 0 -> text.substring(0, at) + separator(random) + text.substring(at);
          case 1 -> text.substring(0, at) + separator(random) + text.substring(at + 1);
          default -> text.substring(0, at) + text.substring(at + 1);
        };
    return changed;
  }

  private static boolean isPermission(String text) {
    try {
      return new Permission(text).value().equals(text);
    } catch (IllegalArgumentException otherForm) {
      return false;
    }
  }

  /**
   * Returns every literal of up to four segments, over an alphabet with one letter more than the
   * patterns have.
   */
  private static List<Permission> allLiterals() {
    List<String> segments = List.of("a", "c", "", "keyledger", "KeyLedger");
    List<String> last = segments;
    var literals = new ArrayList<Permission>();
    for (int length = 1; length <= 4; length++) {
      last.stream().filter(text -> !text.isEmpty()).forEach(t -> literals.add(new Permission(t)));
      last =
          last.stream()
              .flatMap(text ->
                  segments.stream()
                      .flatMap(more -> SEPARATORS.chars().mapToObj(c -> text + (char) c + more)))
              .toList();
    }
    return literals;
  }

  @Test
  void coveringPatternsAreListed() {
    assertThat(covering("read:users"))
        .containsExactlyInAnyOrder("read:users", "read:*", "*:users", "*:*", "*");
    assertThat(covering("https://a.b"))
        .contains("https://a.b", "https://*", "https://a.*", "https://*.b", "*://a.b", "*")
        .doesNotContain("https:*", "https:/*", "*:*");
    assertThat(covering("keyledger:keys:issue"))
        .containsExactlyInAnyOrder(
            "keyledger:keys:issue",
            "keyledger:keys:*",
            "keyledger:*:issue",
            "keyledger:*:*",
            "keyledger:*");
    assertThat(covering("keyledger:grant:read:users"))
        .contains(
            "keyledger:grant:read:*",
            "keyledger:grant:*:users",
            "keyledger:grant:*",
            "keyledger:*");
    assertThat(new Permission("a:b:c:d:e:f:g:h").covering()).isPresent();
    assertThat(new Permission("a:b:c:d:e:f:g:h:i").covering()).isEmpty();
    String longest = "keyledger:grant:" + "a".repeat(254) + ":" + "b".repeat(9);
    assertThat(covering(longest)).contains(longest, "keyledger:grant:*");
  }

  @RepeatedTest(200)
  void allCoveringPatternsAreListed() {
    Permission asked = new Permission(text(false));
    Permission pattern = new Permission(text(true));
    assertThat(asked.covering().orElseThrow().contains(pattern))
        .as("%s covers %s", pattern, asked)
        .isEqualTo(pattern.covers(asked));
  }

  private static Set<String> covering(String permission) {
    return new Permission(permission)
        .covering().orElseThrow().stream().map(Permission::value).collect(Collectors.toSet());
  }

  /** Returns a short permission of few kinds of segments, so that many patterns match. */
  private static String text(boolean wildcards) {
    var random = ThreadLocalRandom.current();
    var text = new StringBuilder();
    int segments = 1 + random.nextInt(4);
    for (int i = 0; i < segments; i++) {
      if (i > 0) {
        text.append(random.nextInt(4) == 0 ? '.' : ':');
      }
      text.append(
          wildcards && random.nextBoolean() ? "*" : random.nextBoolean() ? "a" : "keyledger");
    }
    return text.toString();
  }

  @Test
  void aMissingPermissionIsNamedOnce() {
    var held = PermissionSet.of(List.of("read:*", "write:a"));
    assertThat(held.missing(all("write:b", "read:x", "write:b", "drop"), List.of()))
        .containsExactlyElementsOf(all("write:b", "drop"));
    assertThat(held.missing(all("write:b"), all("drop", "write:b", "drop")))
        .containsExactlyElementsOf(all("write:b", "drop"));
    assertThat(held.missing(all("write:b"), all("drop", "read:x")))
        .containsExactlyElementsOf(all("write:b"));
    assertThat(held.missing(all("write:a"), all("read:x"))).isEmpty();
    assertThat(held.missing(List.of(), List.of())).isEmpty();
  }

  private static List<Permission> all(String... texts) {
    return Stream.of(texts).map(Permission::new).toList();
  }
}
