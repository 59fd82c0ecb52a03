package dev.keyledger.checking.http.extauthz;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class ExtAuthzPropertiesTest {
  @ParameterizedTest
  @CsvSource({"0, 0", "65535, 65535", "'', 0"})
  void thePortIsReadAndOffByDefault(String value, int port) {
    assertThat(bind(value).extAuthzPort()).isEqualTo(port);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "65536"})
  void anImpossiblePortIsRefused(String value) {
    assertThatThrownBy(() -> bind(value))
        .rootCause()
        .hasMessage("KEYLEDGER_EXT_AUTHZ_PORT must be from 0 to 65535");
  }

  private static ExtAuthzProperties bind(String port) {
    return new Binder(
            requireNonNull(
                ConfigurationPropertySource.from(
                    new SystemEnvironmentPropertySource(
                        "systemEnvironment", Map.of("KEYLEDGER_EXT_AUTHZ_PORT", port)))))
        .bindOrCreate("keyledger", ExtAuthzProperties.class);
  }
}
