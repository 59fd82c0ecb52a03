package dev.keyledger.checking.http.fast;

import dev.keyledger.checking.http.VerificationHandler;
import dev.keyledger.http.arrival.UnfinishedBodies;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the fast listener. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(FastProperties.class)
public class FastConfiguration {
  @Bean
  FastListener fastListener(
      VerificationHandler handler,
      MeterRegistry registry,
      InstantSource clock,
      UnfinishedBodies unfinished,
      ServerProperties mainPort,
      SslBundles bundles,
      FastProperties properties) {
    return new FastListener(
        new InetSocketAddress(mainPort.getAddress(), properties.fastPort()),
        handler,
        registry,
        clock,
        FastTls.of(mainPort.getSsl(), bundles),
        Transport.best(),
        FastLimits.DEFAULT,
        unfinished);
  }

  /** Reports DOWN once a thread of the listener has ended. */
  @Bean("fast")
  HealthIndicator fastHealth(FastListener listener) {
    return () -> (listener.isSound() ? Health.up() : Health.down()).build();
  }
}
