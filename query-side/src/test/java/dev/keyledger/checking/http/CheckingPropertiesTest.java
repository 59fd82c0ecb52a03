package dev.keyledger.checking.http;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.verification.secret.KeySecret;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class CheckingPropertiesTest {
  @Test
  void everyVariableIsRead() {
    CheckingProperties properties =
        bind(
            Map.of(
                "KEYLEDGER_GATEWAY_TOKEN", "the-token-of-the-gateways",
                "KEYLEDGER_VERIFICATION_STRICT_LEASE", "true"));

    assertThat(properties.requiredToken()).isEqualTo(KeySecret.of("the-token-of-the-gateways"));
    assertThat(properties.verification().strictLease()).isTrue();
    assertThat(properties.toString()).doesNotContain("the-token-of-the-gateways");
  }

  @Test
  void blankVariablesAreTheDefaults() {
    assertThat(bind(Map.of()))
        .isEqualTo(new CheckingProperties("", new CheckingProperties.Verification(false)));
    assertThat(
            bind(Map.of("KEYLEDGER_GATEWAY_TOKEN", "", "KEYLEDGER_VERIFICATION_STRICT_LEASE", "")))
        .isEqualTo(bind(Map.of()));
    assertThat(bind(Map.of()).requiredToken()).isNull();
  }

  private static CheckingProperties bind(Map<String, Object> environment) {
    return new Binder(
            requireNonNull(
                ConfigurationPropertySource.from(
                    new SystemEnvironmentPropertySource("systemEnvironment", environment))))
        .bindOrCreate("keyledger", CheckingProperties.class);
  }
}
