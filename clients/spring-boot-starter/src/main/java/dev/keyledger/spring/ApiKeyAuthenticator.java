package dev.keyledger.spring;

import dev.keyledger.client.Decision;
import dev.keyledger.client.Decision.CheckedKey;
import dev.keyledger.conditions.IpAddress;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/**
 * Finds the key in a request, checks it once, and returns the caller's identity, for servlets and
 * WebFlux alike. Each check is an observation {@value #OBSERVATION}. Thread-safe.
 */
final class ApiKeyAuthenticator {
  /** The longest key that is checked, in characters. */
  static final int KEY_CHARS_MAX = 4096;

  static final String OBSERVATION = "keyledger.check";

  private static final String OUTCOME = "outcome";
  private static final String SOURCE = "source";
  private static final String NONE = "NONE";

  private final KeyPlaces places;
  private final Map<String, RequiredPermissions> mapped;
  private final ApiKeyVerifier verifier;
  private final ObservationRegistry observations;

  /** The outcome of a request with a key. */
  sealed interface Outcome {}

  /** The request may pass. */
  record Accepted(ApiKeyAuthentication authentication) implements Outcome {}

  /** The request gets an answer. */
  record Refused(Refusal refusal) implements Outcome {}

  /**
   * @param mapped authorities besides permissions, with the permission that each requires
   */
  ApiKeyAuthenticator(
      KeyPlaces places,
      Map<String, RequiredPermissions> mapped,
      ApiKeyVerifier verifier,
      ObservationRegistry observations) {
    this.places = places;
    this.mapped = mapped;
    this.verifier = verifier;
    this.observations = observations;
  }

  /** Returns the key in a request, valid or not; null if there is none. */
  @Nullable String keyIn(Function<String, List<String>> headers) {
    return places.find(headers);
  }

  /**
   * Returns the outcome of a request. May block.
   *
   * @param address of the client; null if it is unknown
   * @param parent the observation that the check is a part of; null: the current one
   */
  Outcome authenticate(String key, @Nullable String address, @Nullable Observation parent) {
    if (!isWellFormed(key)) {
      return new Refused(Refusal.UNAUTHORIZED);
    }
    Observation observation =
        Observation.createNotStarted(OBSERVATION, observations)
            .lowCardinalityKeyValue(OUTCOME, "ERROR")
            .lowCardinalityKeyValue(SOURCE, NONE);
    if (parent != null) {
      observation.parentObservation(parent);
    }
    String ip = address == null || IpAddress.parseWithPort(address) == null ? null : address;
    return observation.observe(() -> outcome(verifier.verify(key, ip), observation));
  }

  private Outcome outcome(Optional<Decision> answer, Observation observation) {
    if (answer.isEmpty()) {
      observation.lowCardinalityKeyValue(OUTCOME, "UNAVAILABLE");
      return new Refused(Refusal.UNAVAILABLE);
    }
    Decision decision = answer.get();
    observation.lowCardinalityKeyValue(OUTCOME, decision.code().name());
    observation.lowCardinalityKeyValue(SOURCE, decision.source().name());
    CheckedKey key = decision.key();
    return decision.valid() && key != null
        ? new Accepted(authentication(new ApiKeyPrincipal(key)))
        : new Refused(Refusal.UNAUTHORIZED);
  }

  private ApiKeyAuthentication authentication(ApiKeyPrincipal principal) {
    var authorities = new ArrayList<GrantedAuthority>();
    for (String permission : principal.key().permissions()) {
      authorities.add(new SimpleGrantedAuthority(permission));
    }
    mapped.forEach((authority, required) -> {
      if (required.areHeldBy(principal.held())) {
        authorities.add(new SimpleGrantedAuthority(authority));
      }
    });
    return new ApiKeyAuthentication(principal, authorities);
  }

  private static boolean isWellFormed(String key) {
    return !key.isEmpty()
        && key.length() <= KEY_CHARS_MAX
        && key.chars().allMatch(c -> c > ' ' && c <= '~');
  }
}
