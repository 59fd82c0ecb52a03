package dev.keyledger.node;

import dev.keyledger.http.arrival.HeadCheck;
import dev.keyledger.http.request.ApiCalls;
import java.net.InetAddress;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointProperties;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementServerProperties;
import org.springframework.boot.actuate.endpoint.SanitizableData;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.util.Assert;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** Wires access to the management endpoints, and hides secrets in their responses. */
@Configuration(proxyBeanMethods = false)
class ManagementConfiguration {
  /** The settings that can hold secrets; a database URL can contain a password. */
  private static final List<String> SECRETS =
      List.of(
          "keyledger.root-key",
          "keyledger.peppers",
          "keyledger.shared-key",
          "keyledger.gateway-token",
          "keyledger.database.url",
          "keyledger.database.password",
          "keyledger.log-replica-url");

  @Bean
  FilterRegistrationBean<ManagementGuard> managementGuard(
      WebEndpointProperties endpoints,
      ObjectProvider<HealthEndpoint> health,
      Environment environment,
      ApiCalls calls,
      @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems) {
    String basePath = endpoints.getBasePath();
    Assert.hasText(basePath, "management.endpoints.web.base-path must not be the root");
    boolean servesHealth = ManagementPortType.get(environment) == ManagementPortType.SAME;
    var registration =
        new FilterRegistrationBean<>(
            new ManagementGuard(
                basePath, () -> servesHealth ? health.getIfAvailable() : null, calls, problems));
    registration.setOrder(Ordered.HIGHEST_PRECEDENCE + 3); // when the body has arrived
    registration.addUrlPatterns(basePath + "/*");
    return registration;
  }

  /** Waits for the bodies of requests to management, some of which read them. */
  @Bean
  HeadCheck managementBodies(WebEndpointProperties endpoints) {
    String below = endpoints.getBasePath() + "/";
    return head -> head.getRequestURI().startsWith(below) ? HeadCheck.Judgement.NEEDS_BODY : null;
  }

  /** Binds a separate management port to loopback by default, because it has no authentication. */
  @Bean
  static BeanPostProcessor managementOnLoopback() {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof ManagementServerProperties management
            && management.getPort() != null
            && management.getAddress() == null) {
          management.setAddress(InetAddress.getLoopbackAddress());
        }
        return bean;
      }
    };
  }

  /** Hides values that have the name of a secret, even if values are shown. */
  @Bean
  SanitizingFunction likelySecrets() {
    return SanitizingFunction.sanitizeValue().ifLikelySensitive();
  }

  /** Hides every value that contains one of Keyledger's secrets, whatever its name. */
  @Bean
  SanitizingFunction keyledgerSecrets(Environment environment) {
    List<String> secrets =
        SECRETS.stream()
            .map(environment::getProperty)
            .filter(Objects::nonNull)
            .flatMap(value -> Stream.of(value.split(",", -1)))
            .map(part -> part.strip().replaceFirst("^[0-9]+:", ""))
            .filter(part -> !part.isEmpty())
            .toList();
    return data -> holdsOneOf(secrets, data) ? data.withSanitizedValue() : data;
  }

  private static boolean holdsOneOf(List<String> secrets, SanitizableData data) {
    String value = String.valueOf(data.getValue());
    return secrets.stream().anyMatch(value::contains);
  }
}
