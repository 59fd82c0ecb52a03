package dev.keyledger.spring;

import dev.keyledger.client.Check;
import dev.keyledger.client.Keyledger;
import dev.keyledger.client.KeyledgerException;
import dev.keyledger.client.LocalDecisions;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Health and metrics, for an application with Actuator. */
@AutoConfiguration(after = KeyledgerAutoConfiguration.class)
@ConditionalOnBean(Keyledger.class)
public final class KeyledgerActuatorAutoConfiguration {
  private static final String NOBODYS_KEY = "health";

  /** The health indicator for the service. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
  static class HealthConfiguration {
    @Bean
    @ConditionalOnEnabledHealthIndicator("keyledger")
    HealthIndicator keyledgerHealthIndicator(Keyledger client) {
      return () -> check(client);
    }

    /** Checks a key that does not exist, which exercises everything that a check needs. */
    private static Health check(Keyledger client) {
      try {
        client.checks().verify(Check.of(NOBODYS_KEY));
        return Health.up().build();
      } catch (KeyledgerException failed) {
        return Health.down().withDetail("error", String.valueOf(failed.getMessage())).build();
      }
    }
  }

  /** Metrics of local decisions; the checks themselves are observed. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(MeterBinder.class)
  static class MetricsConfiguration {
    @Bean
    MeterBinder keyledgerLocalDecisions(Keyledger client) {
      return registry -> {
        if (client.localDecisions().isPresent()) {
          register(registry, client);
        }
      };
    }

    private static void register(MeterRegistry registry, Keyledger client) {
      counter(registry, client, "local", LocalDecisions.Stats::local);
      counter(registry, client, "service", LocalDecisions.Stats::asked);
      counter(registry, client, "cut-off", LocalDecisions.Stats::cutOff);
      Gauge.builder("keyledger.local.keys", client, of(stats -> stats.entries()))
          .description("Keys that are known")
          .register(registry);
      Gauge.builder("keyledger.local.live", client, of(stats -> stats.live() ? 1 : 0))
          .description("Whether checks are decided in the application now")
          .register(registry);
    }

    private static void counter(
        MeterRegistry registry,
        Keyledger client,
        String where,
        ToDoubleFunction<LocalDecisions.Stats> count) {
      FunctionCounter.builder("keyledger.local.decisions", client, of(count))
          .description("Checks by where they were decided")
          .tag("decided", where)
          .register(registry);
    }

    private static ToDoubleFunction<Keyledger> of(ToDoubleFunction<LocalDecisions.Stats> value) {
      return client -> client.localDecisions().map(value::applyAsDouble).orElse(0.0);
    }
  }
}
