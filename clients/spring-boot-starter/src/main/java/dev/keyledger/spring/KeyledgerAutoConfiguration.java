package dev.keyledger.spring;

import dev.keyledger.client.Keyledger;
import dev.keyledger.client.LocalDecisions;
import dev.keyledger.client.Secret;
import io.micrometer.observation.ObservationRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The client, and the verifier of keys. */
@AutoConfiguration
@EnableConfigurationProperties(KeyledgerProperties.class)
public final class KeyledgerAutoConfiguration {
  private static final Duration CONNECT_MAX = Duration.ofSeconds(2);

  @Bean
  ApiKeyAuthenticator apiKeyAuthenticator(
      KeyledgerProperties settings,
      ApiKeyVerifier verifier,
      ObjectProvider<ObservationRegistry> observations) {
    Map<String, RequiredPermissions> mapped =
        settings.authorities().entrySet().stream()
            .collect(
                Collectors.toMap(
                    Map.Entry::getKey, entry -> RequiredPermissions.allOf(entry.getValue())));
    return new ApiKeyAuthenticator(
        KeyPlaces.parse(settings.credential()),
        mapped,
        verifier,
        observations.getIfUnique(() -> ObservationRegistry.NOOP));
  }

  /** Asks the service, unless the application makes the decisions itself. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnMissingBean(ApiKeyVerifier.class)
  static class ServiceConfiguration {
    @Bean
    @ConditionalOnMissingBean
    Keyledger keyledgerClient(KeyledgerProperties settings) {
      String url = settings.url();
      Secret key = settings.key();
      if (url == null || url.isEmpty() || key == null || key.reveal().isEmpty()) {
        throw new IllegalStateException(
            "Set keyledger.url to the URL of Keyledger, and keyledger.key to the secret of an"
                + " operator key with keyledger:verify");
      }
      Duration connect = settings.deadline();
      Keyledger.Builder client =
          Keyledger.builder(url, key.reveal())
              .deadline(settings.deadline())
              .connectTimeout(connect.compareTo(CONNECT_MAX) < 0 ? connect : CONNECT_MAX);
      if (settings.workspace() != null) {
        client.workspace(settings.workspace());
      }
      if (settings.checkUrl() != null) {
        client.checkUrl(settings.checkUrl());
      }
      int size = settings.localDecisions().size();
      if (size != 0) {
        client.localDecisions(LocalDecisions.upTo(size));
      }
      return client.build();
    }

    @Bean
    ApiKeyVerifier apiKeyVerifier(Keyledger client, KeyledgerProperties settings) {
      return new ServiceVerifier(client, settings.environment()::in);
    }
  }
}
