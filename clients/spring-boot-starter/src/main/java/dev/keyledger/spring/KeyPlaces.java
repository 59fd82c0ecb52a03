package dev.keyledger.spring;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the key in a request: in the first of its places that is not empty, as the service's {@code
 * forward-auth} does. Immutable.
 */
final class KeyPlaces {
  /** The maximum number of places; the minimum is 1. */
  static final int PLACES_MAX = 8;

  /** A marker for two different keys in one place; no key equals it. */
  static final String UNCLEAR = " ";

  private static final String HEADER_PREFIX = "header:";
  private static final Pattern HEADER_NAME = Pattern.compile("(?i)[!#-'*+.^-z|~0-9-]{1,64}");
  private static final String BEARER = "Bearer ";

  /**
   * A place.
   *
   * @param header the header
   * @param key returns the key in a value of the header; null if there is none
   */
  private record Place(String header, Function<String, @Nullable String> key) {}

  private final List<Place> places;

  private KeyPlaces(List<Place> places) {
    this.places = places;
  }

  /**
   * Parses a comma-separated list of places.
   *
   * @throws IllegalArgumentException if one is unknown, or there are too many
   */
  static KeyPlaces parse(String text) {
    String[] names = text.split(",", -1);
    if (names.length > PLACES_MAX) {
      throw new IllegalArgumentException(
          "keyledger.credential must name at most " + PLACES_MAX + " places");
    }
    return new KeyPlaces(Arrays.stream(names).map(String::strip).map(KeyPlaces::place).toList());
  }

  private static Place place(String name) {
    if (name.equals("bearer")) {
      return new Place("Authorization", KeyPlaces::bearer);
    }
    if (name.equals("x-api-key")) {
      return new Place("X-API-Key", KeyPlaces::whole);
    }
    String header = name.startsWith(HEADER_PREFIX) ? name.substring(HEADER_PREFIX.length()) : "";
    if (!HEADER_NAME.matcher(header).matches()) {
      throw new IllegalArgumentException(
          "keyledger.credential must be some of bearer, x-api-key, header:<name>");
    }
    return new Place(header, KeyPlaces::whole);
  }

  /**
   * Returns the key in a request; null if there is none, {@link #UNCLEAR} if the first place that
   * is not empty has two that differ.
   *
   * @param headers returns the values of a header
   */
  @Nullable String find(Function<String, List<String>> headers) {
    for (Place place : places) {
      String found = null;
      for (String value : headers.apply(place.header)) {
        String key = place.key.apply(value);
        if (key != null && found != null && !key.equals(found)) {
          return UNCLEAR;
        }
        found = key == null ? found : key;
      }
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static @Nullable String whole(String value) {
    return value.isEmpty() ? null : value;
  }

  private static @Nullable String bearer(String value) {
    return value.regionMatches(true, 0, BEARER, 0, BEARER.length())
        ? whole(value.substring(BEARER.length()).strip())
        : null;
  }
}
