package dev.keyledger.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.client.Decision;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The checks of keys, and their observations. */
class ApiKeyAuthenticatorTest {
  private final List<String> asked = new ArrayList<>();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  private ApiKeyAuthenticator.Outcome authenticate(
      ApiKeyVerifier verifier, String key, @Nullable String address) {
    ObservationRegistry observations = ObservationRegistry.create();
    observations.observationConfig().observationHandler(new DefaultMeterObservationHandler(meters));
    return new ApiKeyAuthenticator(KeyPlaces.parse("bearer"), Map.of(), verifier, observations)
        .authenticate(key, address, null);
  }

  private Optional<Decision> cannotDecide(String key, @Nullable String ip) {
    asked.add(key + " from " + ip);
    return Optional.empty();
  }

  @Test
  void aKeyHasAtMost4096Characters() {
    authenticate(this::cannotDecide, "k".repeat(ApiKeyAuthenticator.KEY_CHARS_MAX), null);
    assertThat(asked).hasSize(1);
    assertThat(
            authenticate(
                this::cannotDecide, "k".repeat(ApiKeyAuthenticator.KEY_CHARS_MAX + 1), null))
        .isEqualTo(new ApiKeyAuthenticator.Refused(Refusal.UNAUTHORIZED));
    assertThat(asked).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", KeyPlaces.UNCLEAR, "a b", "a\tb", "ü", "a\u007f"})
  void aKeyThatCannotBeOneIsNotAskedAbout(String key) {
    assertThat(authenticate(this::cannotDecide, key, null))
        .isEqualTo(new ApiKeyAuthenticator.Refused(Refusal.UNAUTHORIZED));
    assertThat(asked).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "203.0.113.7, 203.0.113.7",
        "2001:db8::1, 2001:db8::1",
        "0:0:0:0:0:0:0:1, 0:0:0:0:0:0:0:1",
        "client.example, null",
        "null, null"
      },
      nullValues = "null")
  void aValidAddressIsPassedOn(@Nullable String address, @Nullable String told) {
    authenticate(this::cannotDecide, "k", address);
    assertThat(asked).containsExactly("k from " + told);
  }

  @Test
  void aCheckIsObserved() {
    authenticate(this::cannotDecide, "k", null);
    Timer checks =
        meters.get("keyledger.check").tag("outcome", "UNAVAILABLE").tag("source", "NONE").timer();
    assertThat(checks.count()).isEqualTo(1);
  }

  @Test
  void aVerifierThatFailsLetsNobodyPass() {
    assertThatThrownBy(() ->
            authenticate(
                (key, ip) -> {
                  throw new IllegalStateException("broken");
                },
                "k",
                null))
        .isInstanceOf(IllegalStateException.class);
    assertThat(meters.get("keyledger.check").tag("outcome", "ERROR").timer().count()).isEqualTo(1);
  }
}
