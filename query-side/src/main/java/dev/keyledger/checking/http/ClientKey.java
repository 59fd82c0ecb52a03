package dev.keyledger.checking.http;

import dev.keyledger.http.ApiRequest;
import dev.keyledger.http.request.BearerCredential;
import dev.keyledger.verification.secret.KeySecret;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds a client's own key in a gateway's request: in the first of its places that is not empty.
 * Immutable.
 */
final class ClientKey {
  /** The maximum number of places; the minimum is 1. */
  static final int PLACES_MAX = 8;

  /** The places of a key if the gateway names none. */
  static final ClientKey USUAL = parse("x-api-key,bearer");

  private static final String HEADER_PREFIX = "header:";
  private static final Pattern HEADER_NAME =
      Pattern.compile("(?i)(?!keyledger-)[!#-'*+.^-z|~0-9-]{1,64}");
  private static final String AUTHORIZATION = "Authorization";
  private static final String[] BEARER = {"Bearer "};
  private static final String[] BASIC = {"Basic "};
  private static final String[] TOKEN = {"Token ", "Api-Key ", "ApiKey "};

  /** A marker for a malformed credential; no key equals it. */
  private static final String UNREADABLE = " ";

  /**
   * A place.
   *
   * @param header the header
   * @param credential returns the credential in a value of the header; null if there is none, so
   *     that the place is empty
   */
  private record Place(String header, Function<String, @Nullable String> credential) {}

  private final List<Place> places;

  private ClientKey(List<Place> places) {
    this.places = places;
  }

  /**
   * Parses a comma-separated list of places.
   *
   * @throws IllegalArgumentException if one is unknown, or there are too many
   */
  static ClientKey parse(String text) {
    String[] names = text.split(",", -1);
    if (names.length > PLACES_MAX) {
      throw new IllegalArgumentException("must name at most " + PLACES_MAX + " places");
    }
    return new ClientKey(Arrays.stream(names).map(ClientKey::place).toList());
  }

  private static Place place(String name) {
    return switch (name) {
      case "bearer" -> new Place(AUTHORIZATION, value -> ofScheme(BEARER, value));
      case "token" -> new Place(AUTHORIZATION, value -> ofScheme(TOKEN, value));
      case "basic" -> new Place(AUTHORIZATION, ClientKey::basic);
      case "x-api-key" -> new Place("X-API-Key", ClientKey::whole);
      default -> {
        String header =
            name.startsWith(HEADER_PREFIX) ? name.substring(HEADER_PREFIX.length()) : "";
        if (!HEADER_NAME.matcher(header).matches()) {
          throw new IllegalArgumentException(
              "must be some of bearer, x-api-key, basic, token, header:<name>");
        }
        yield new Place(header, ClientKey::whole);
      }
    };
  }

  /**
   * Returns the key of a client; null if there is none, or the first place that is not empty has no
   * well-formed key or two different ones.
   */
  @Nullable KeySecret in(ApiRequest request) {
    for (Place place : places) {
      String found = null;
      for (String value : request.headers(place.header)) {
        String credential = place.credential.apply(value);
        if (credential != null && found != null && !credential.equals(found)) {
          return null;
        }
        found = credential == null ? found : credential;
      }
      if (found != null) {
        return BearerCredential.isWellFormed(found) ? KeySecret.of(found) : null;
      }
    }
    return null;
  }

  private static @Nullable String whole(String value) {
    return value.isEmpty() ? null : value;
  }

  /** Returns the text after one of some schemes and spaces; null if there is none. */
  private static @Nullable String ofScheme(String[] schemes, String value) {
    for (String scheme : schemes) {
      if (value.regionMatches(true, 0, scheme, 0, scheme.length())) {
        int from = scheme.length();
        while (from < value.length() && value.charAt(from) == ' ') {
          from++;
        }
        return whole(value.substring(from));
      }
    }
    return null;
  }

  /**
   * Returns the password of a Basic credential (RFC 7617), or the user name if the password is
   * empty; null if both are.
   */
  private static @Nullable String basic(String value) {
    String encoded = ofScheme(BASIC, value);
    if (encoded == null) {
      return null;
    }
    try {
      byte[] decoded = Base64.getDecoder().decode(encoded);
      String pair = new String(decoded, StandardCharsets.ISO_8859_1);
      int colon = pair.indexOf(':');
      if (colon < 0) {
        return UNREADABLE;
      }
      String password = pair.substring(colon + 1);
      return whole(password.isEmpty() ? pair.substring(0, colon) : password);
    } catch (IllegalArgumentException notBase64) {
      return UNREADABLE;
    }
  }
}
