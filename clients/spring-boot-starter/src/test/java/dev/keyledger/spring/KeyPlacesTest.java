package dev.keyledger.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The place of the key in a request; the same as for {@code forward-auth}. */
class KeyPlacesTest {
  private static final String USUAL = "x-api-key,bearer";

  /**
   * @param headers each as {@code name: value}
   */
  private static @Nullable String found(String places, String... headers) {
    return KeyPlaces.parse(places).find(name -> values(name, headers));
  }

  private static List<String> values(String name, String... headers) {
    return Stream.of(headers)
        .filter(header -> header.regionMatches(true, 0, name + ": ", 0, name.length() + 2))
        .map(header -> header.substring(name.length() + 2))
        .toList();
  }

  @Test
  void theFirstPlaceThatIsNotEmptyDecides() {
    assertThat(found(USUAL)).isNull();
    assertThat(found(USUAL, "X-API-Key: a")).isEqualTo("a");
    assertThat(found(USUAL, "Authorization: bearer  b ")).isEqualTo("b");
    assertThat(found(USUAL, "Authorization: Bearer b", "X-API-Key: a")).isEqualTo("a");
    assertThat(found(USUAL, "Authorization: Bearer b", "X-API-Key: ")).isEqualTo("b");
    assertThat(found("bearer,x-api-key", "X-API-Key: a", "Authorization: Bearer b")).isEqualTo("b");
  }

  @Test
  void otherPlacesAndSchemesAreIgnored() {
    assertThat(found(USUAL, "Authorization: Basic dXNlcjpwYXNz", "Key: a")).isNull();
    assertThat(found(USUAL, "Authorization: Bearer ")).isNull();
    assertThat(found("bearer", "X-API-Key: a")).isNull();
    assertThat(found("x-api-key, header:X-Acme", "x-acme: c", "Authorization: Bearer b"))
        .isEqualTo("c");
  }

  @Test
  void twoKeysInOnePlaceMustBeTheSame() {
    assertThat(found(USUAL, "X-API-Key: a", "X-API-Key: a")).isEqualTo("a");
    assertThat(found(USUAL, "X-API-Key: a", "X-API-Key: b", "Authorization: Bearer a"))
        .isEqualTo(KeyPlaces.UNCLEAR);
    assertThat(found(USUAL, "Authorization: Bearer a", "Authorization: Basic b")).isEqualTo("a");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "cookie", "bearer,", "header:", "header:a b", "Bearer"})
  void anUnknownPlaceIsRefused(String places) {
    assertThatThrownBy(() -> KeyPlaces.parse(places))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("keyledger.credential");
  }

  @Test
  void thereAreAtMostEightPlaces() {
    List<String> places = Collections.nCopies(KeyPlaces.PLACES_MAX, "bearer");
    assertThat(found(String.join(",", places), "Authorization: Bearer b")).isEqualTo("b");
    assertThatThrownBy(() -> KeyPlaces.parse(String.join(",", places) + ",bearer"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 8");
  }
}
