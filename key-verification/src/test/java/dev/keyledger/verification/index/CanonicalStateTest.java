package dev.keyledger.verification.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CanonicalStateTest {

  record Holder(@Nullable String name, Set<Integer> numbers, Map<Integer, String> names) {}

  /** A constant, because immutable sets have another order in each process. */
  @Test
  void isTheSameInEveryProcess() {
    var numbers = Set.of(1, 2, 3, 10, 200);
    assertThat(of(new Holder("n", numbers, Map.of(1, "a", 2, "b", 30, "c"))))
        .isEqualTo("7973a0d15c94c1bd53c637bd30ba0755a0b8b477cd6b7591f1d43d0beeee41a3");
  }

  @Test
  void ignoresTheOrderOfSetsAndMapsOnly() {
    assertThat(of(new LinkedHashSet<>(List.of(2, 1)))).isEqualTo(of(Set.of(1, 2)));
    var names = new LinkedHashMap<Integer, String>();
    names.put(2, "b");
    names.put(1, "a");
    assertThat(of(names)).isEqualTo(of(Map.of(1, "a", 2, "b")));
    assertThat(of(List.of(2, 1))).isNotEqualTo(of(List.of(1, 2)));
    assertThat(of(Map.of(1, "b", 2, "a"))).isNotEqualTo(of(Map.of(1, "a", 2, "b")));
    assertThat(of(Map.of(1, "a", 3, "b"))).isNotEqualTo(of(Map.of(1, "a", 2, "b")));
  }

  @Test
  void distinguishesValuesWithTheSameText() {
    assertThat(of(List.of("ab", "c"))).isNotEqualTo(of(List.of("a", "bc")));
    assertThat(of(List.of("a"))).isNotEqualTo(of("a"));
    assertThat(of(new Holder(null, Set.of(), Map.of())))
        .isNotEqualTo(of(new Holder("null", Set.of(), Map.of())));
  }

  private static String of(Object value) {
    return CanonicalState.sha256Of(value).toString();
  }
}
