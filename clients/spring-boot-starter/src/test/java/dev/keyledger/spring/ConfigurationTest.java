package dev.keyledger.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyledger.client.Check;
import dev.keyledger.client.Keyledger;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** The effect of an application's settings and beans. */
@ExtendWith(OutputCaptureExtension.class)
class ConfigurationTest {
  private static final String NOBODY = "keyledger.url=http://127.0.0.1:1";
  private static final String KEY = "keyledger.key=secret";

  private final WebApplicationContextRunner runner =
      new WebApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  DispatcherServletAutoConfiguration.class,
                  WebMvcAutoConfiguration.class,
                  ServletWebSecurityAutoConfiguration.class,
                  MetricsAutoConfiguration.class,
                  SimpleMetricsExportAutoConfiguration.class,
                  KeyledgerAutoConfiguration.class,
                  KeyledgerServletAutoConfiguration.class,
                  KeyledgerActuatorAutoConfiguration.class));

  static class Guarded {
    @RequiresPermission("read:*")
    void wildcard() {}
  }

  static class Unnamed {
    @RequiresPermission
    void nothing() {}
  }

  @ParameterizedTest
  @ValueSource(strings = {NOBODY, KEY, "keyledger.workspace=default"})
  void theUrlAndTheKeyAreRequired(String setting) {
    runner
        .withPropertyValues(setting)
        .run(context ->
            assertThat(context).getFailure().rootCause().hasMessageContaining("Set keyledger.url"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "keyledger.credential=cookie",
        "keyledger.environment=production",
        "keyledger.deadline=0s",
        "keyledger.local-decisions.size=-1",
        "keyledger.local-decisions.size=10000001",
        "keyledger.authorities[ROLE_ADMIN]=admin:*",
        "keyledger.actuator-permission=*",
        "keyledger.check-url=localhost"
      })
  void aWrongSettingKeepsTheApplicationFromStarting(String setting) {
    runner.withPropertyValues(NOBODY, KEY, setting).run(context -> assertThat(context).hasFailed());
  }

  @ParameterizedTest
  @ValueSource(classes = {Guarded.class, Unnamed.class})
  void soDoesARequiredPermissionThatIsNone(Class<?> guarded) {
    runner
        .withPropertyValues(NOBODY, KEY)
        .withBean(guarded)
        .run(context ->
            assertThat(context).getFailure().hasStackTraceContaining("@RequiresPermission of"));
  }

  @Test
  void localDecisionsAreOffUnlessSized() {
    runner
        .withPropertyValues(NOBODY, KEY)
        .run(context -> {
          assertThat(context.getBean(Keyledger.class).localDecisions()).isEmpty();
          assertThat(meters(context).find("keyledger.local.live").gauge()).isNull();
        });
    runner
        .withPropertyValues(NOBODY, KEY, "keyledger.local-decisions.size=1")
        .run(context -> {
          assertThat(context.getBean(Keyledger.class).localDecisions()).isPresent();
          assertThat(meters(context).get("keyledger.local.live").gauge().value()).isZero();
          assertThat(
                  meters(context)
                      .get("keyledger.local.decisions")
                      .tag("decided", "local")
                      .functionCounter()
                      .count())
              .isZero();
        });
  }

  private static MeterRegistry meters(ApplicationContext context) {
    return context.getBean(MeterRegistry.class);
  }

  @Test
  void healthIsWhetherKeysCanBeChecked() throws IOException {
    try (var service = new ServiceStandIn()) {
      runner
          .withPropertyValues("keyledger.url=" + service.url(), KEY)
          .run(context -> assertThat(health(context).getStatus()).isEqualTo(Status.UP));
      runner
          .withPropertyValues("keyledger.url=" + service.url(), "keyledger.key=wrong")
          .run(context -> assertThat(health(context).getStatus()).isEqualTo(Status.DOWN));
    }
    runner
        .withPropertyValues(NOBODY, KEY)
        .run(context -> assertThat(health(context).getStatus()).isEqualTo(Status.DOWN));
    runner
        .withPropertyValues(NOBODY, KEY, "management.health.keyledger.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(HealthIndicator.class));
  }

  private static Health health(ApplicationContext context) {
    return Objects.requireNonNull(context.getBean(HealthIndicator.class).health());
  }

  @Test
  void aRequestWithoutADecisionIsRefusedAndLoggedOnce(CapturedOutput output) {
    runner
        .withPropertyValues(NOBODY, KEY)
        .run(context -> {
          ApiKeyVerifier verifier = context.getBean(ApiKeyVerifier.class);
          assertThat(verifier.verify("good", null)).isEmpty();
          assertThat(verifier.verify("good", null)).isEmpty();
          assertThat(output.getOut()).containsOnlyOnce("Keys cannot be checked");
        });
  }

  @Test
  void theEnvironmentIsThatOfTheSettings() {
    Check check = Check.of("k");
    assertThat(KeyledgerProperties.RequiredEnvironment.LIVE.in(check).fields())
        .doesNotContainKey("environment");
    assertThat(KeyledgerProperties.RequiredEnvironment.TEST.in(check).fields().get("environment"))
        .hasToString("TEST");
    assertThat(KeyledgerProperties.RequiredEnvironment.ANY.in(check).fields().get("environment"))
        .isEqualTo("any");
  }

  @Test
  void anApplicationMayDecideByItself() {
    runner
        .withBean(ApiKeyVerifier.class, () -> (key, ip) -> Optional.empty())
        .run(context -> assertThat(context).hasNotFailed().doesNotHaveBean(Keyledger.class));
  }

  static class OwnChain {
    @Bean
    SecurityFilterChain own(HttpSecurity http) {
      return http.build();
    }
  }

  @Test
  void aChainOfTheApplicationTakesOver() {
    runner
        .withPropertyValues(NOBODY, KEY)
        .run(context ->
            assertThat(context)
                .getBeanNames(SecurityFilterChain.class)
                .containsExactly("keyledgerSecurityFilterChain"));
    runner
        .withPropertyValues(NOBODY, KEY)
        .withUserConfiguration(OwnChain.class)
        .run(context ->
            assertThat(context).getBeanNames(SecurityFilterChain.class).containsExactly("own"));
  }

  @Test
  void theKeyIsShownNowhere() {
    runner
        .withPropertyValues(NOBODY, KEY)
        .run(context ->
            assertThat(context.getBean(KeyledgerProperties.class).toString())
                .contains("127.0.0.1")
                .doesNotContain("secret"));
  }
}
