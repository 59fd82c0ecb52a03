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
                "KEYLEDGER_LIMITS_FAILURES_PER_SOURCE", "1",
                "KEYLEDGER_LIMITS_SECRETS_PER_SOURCE", "100000"));

    assertThat(properties.trustedProxies()).containsExactly("10.0.0.0/8", "2001:db8::/32");
    assertThat(properties.limits()).isEqualTo(new HttpProperties.Limits(1L, 100_000L));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " "})
  void noProxyIsTrustedByDefault(String blank) {
    assertThat(bind(Map.of()).trustedProxies()).isEmpty();
    assertThat(bind(Map.of("KEYLEDGER_TRUSTED_PROXIES", blank)).trustedProxies()).isEmpty();
  }

  @Test
  void limitsHaveDefaults() {
    var defaults = new HttpProperties.Limits(100L, 1_000L);

    assertThat(bind(Map.of()).limits()).isEqualTo(defaults);
    assertThat(bind(Map.of("KEYLEDGER_LIMITS_FAILURES_PER_SOURCE", "")).limits())
        .isEqualTo(defaults);
  }

  @ParameterizedTest
  @CsvSource({
    "KEYLEDGER_TRUSTED_PROXIES, 10.0.0.0/33",
    "KEYLEDGER_TRUSTED_PROXIES, '10.0.0.0/8,'",
    "KEYLEDGER_LIMITS_FAILURES_PER_SOURCE, 0",
    "KEYLEDGER_LIMITS_FAILURES_PER_SOURCE, 100001",
    "KEYLEDGER_LIMITS_SECRETS_PER_SOURCE, -1",
    "KEYLEDGER_LIMITS_SECRETS_PER_SOURCE, 100001",
  })
  void anInvalidSettingIsNamed(String variable, String value) {
    assertThatThrownBy(() -> bind(Map.of(variable, value)))
        .rootCause()
        .hasMessageStartingWith(variable);
  }

  @Test
  void aQuotaHasABurstOfTenSeconds() {
    HttpProperties.Limits limits = new HttpProperties.Limits(1L, 3L);

    assertThat(limits.failures())
        .extracting(SourceQuota::name, SourceQuota::burst)
        .containsExactly("failures", 10L);
    assertThat(limits.secrets())
        .extracting(SourceQuota::name, SourceQuota::burst)
        .containsExactly("secrets", 30L);
  }

  private static HttpProperties bind(Map<String, Object> environment) {
    return new Binder(
            requireNonNull(
                ConfigurationPropertySource.from(
                    new SystemEnvironmentPropertySource("systemEnvironment", environment))))
        .bindOrCreate("keyledger", HttpProperties.class);
  }
}
