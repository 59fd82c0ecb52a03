package dev.keyledger.http.request;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyledger.access.SourceQuota;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class HttpPropertiesTest {
  @Test
  void everyVariableIsRead() {
    HttpProperties properties =
        bind(
            Map.of(
                "KEYLEDGER_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::/32",
                "KEYLEDGER_FLOODS_FAILURES_PER_SECOND", "1",
                "KEYLEDGER_FLOODS_FAILURES_BURST", "2",
                "KEYLEDGER_FLOODS_SECRETS_PER_SECOND", "3",
                "KEYLEDGER_FLOODS_SECRETS_BURST", "1000000"));

    assertThat(properties.trustedProxies()).containsExactly("10.0.0.0/8", "2001:db8::/32");
    assertThat(properties.floods()).isEqualTo(new HttpProperties.Floods(1L, 2L, 3L, 1_000_000L));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " "})
  void noProxyIsTrustedByDefault(String blank) {
    assertThat(bind(Map.of()).trustedProxies()).isEmpty();
    assertThat(bind(Map.of("KEYLEDGER_TRUSTED_PROXIES", blank)).trustedProxies()).isEmpty();
  }

  @Test
  void floodsHaveDefaults() {
    var defaults = new HttpProperties.Floods(100L, 1_000L, 1_000L, 10_000L);

    assertThat(bind(Map.of()).floods()).isEqualTo(defaults);
    assertThat(bind(Map.of("KEYLEDGER_FLOODS_FAILURES_BURST", "")).floods()).isEqualTo(defaults);
  }

  @ParameterizedTest
  @CsvSource({
    "KEYLEDGER_TRUSTED_PROXIES, 10.0.0.0/33",
    "KEYLEDGER_TRUSTED_PROXIES, '10.0.0.0/8,'",
    "KEYLEDGER_FLOODS_FAILURES_PER_SECOND, 0",
    "KEYLEDGER_FLOODS_FAILURES_BURST, 1000001",
    "KEYLEDGER_FLOODS_SECRETS_PER_SECOND, -1",
    "KEYLEDGER_FLOODS_SECRETS_BURST, 0",
  })
  void anInvalidSettingIsNamed(String variable, String value) {
    assertThatThrownBy(() -> bind(Map.of(variable, value)))
        .rootCause()
        .hasMessageStartingWith(variable);
  }

  @Test
  void aQuotaHasTheConfiguredBurst() {
    HttpProperties.Floods floods = new HttpProperties.Floods(1L, 2L, 3L, 4L);

    assertThat(floods.failures())
        .extracting(SourceQuota::name, SourceQuota::burst)
        .containsExactly("failures", 2L);
    assertThat(floods.secrets())
        .extracting(SourceQuota::name, SourceQuota::burst)
        .containsExactly("secrets", 4L);
  }

  private static HttpProperties bind(Map<String, Object> environment) {
    return new Binder(
            requireNonNull(
                ConfigurationPropertySource.from(
                    new SystemEnvironmentPropertySource("systemEnvironment", environment))))
        .bindOrCreate("keyledger", HttpProperties.class);
  }
}
