package dev.keyledger.checking.http.fast;

import dev.keyledger.checking.http.VerificationHandler;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the fast listener, unless its port is 0. */
@Configuration(proxyBeanMethods = false)
public class FastConfiguration {
  @Bean
  @ConditionalOnExpression("${KEYLEDGER_FAST_PORT:8090} != 0")
  FastListener fastListener(
      VerificationHandler handler,
      MeterRegistry registry,
      InstantSource clock,
      ServerProperties mainPort,
      SslBundles bundles,
      @Value("${server.address}") String bind,
      @Value("${KEYLEDGER_FAST_PORT:8090}") int port) {
    return new FastListener(
        new InetSocketAddress(bind, port),
        handler,
        registry,
        clock,
        FastTls.of(mainPort.getSsl(), bundles),
        Transport.best());
  }
}
