package dev.keyledger.checking.http.extauthz;

import dev.keyledger.checking.http.VerificationHandler;
import dev.keyledger.checking.http.fast.FastTls;
import dev.keyledger.checking.http.fast.Transport;
import dev.keyledger.http.arrival.UnfinishedBodies;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires Envoy's external authorization. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(ExtAuthzProperties.class)
public class ExtAuthzConfiguration {
  @Bean
  ExtAuthzListener extAuthzListener(
      VerificationHandler handler,
      MeterRegistry registry,
      UnfinishedBodies unfinished,
      ServerProperties mainPort,
      SslBundles bundles,
      ExtAuthzProperties properties) {
    return new ExtAuthzListener(
        new InetSocketAddress(mainPort.getAddress(), properties.extAuthzPort()),
        handler,
        registry,
        FastTls.of(mainPort.getSsl(), bundles),
        Transport.best(),
        ExtAuthzLimits.DEFAULT,
        unfinished);
  }

  /** Reports DOWN once a thread of the listener has ended. */
  @Bean("extAuthz")
  HealthIndicator extAuthzHealth(ExtAuthzListener listener) {
    return () -> (listener.isSound() ? Health.up() : Health.down()).build();
  }
}
