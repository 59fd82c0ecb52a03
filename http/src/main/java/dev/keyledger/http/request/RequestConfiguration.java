package dev.keyledger.http.request;

import dev.keyledger.access.OperatorKeys;
import dev.keyledger.access.RootKeys;
import dev.keyledger.access.SourceQuota;
import dev.keyledger.access.Workspaces;
import dev.keyledger.http.HttpConfiguration;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.http.freshness.FreshnessConfiguration;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/** Wires what both sides need to read and authorize requests, and to write responses. */
@Configuration(proxyBeanMethods = false)
@Import({HttpConfiguration.class, FreshnessConfiguration.class})
public class RequestConfiguration {
  private static final long FAILURES_PER_SECOND = 100;
  private static final long FAILURES_BURST = 1_000;
  private static final long SECRETS_PER_SECOND = 1_000;
  private static final long SECRETS_BURST = 10_000;

  @Bean
  ClientAddress clientAddress(Environment environment) {
    String proxies = environment.getProperty("KEYLEDGER_TRUSTED_PROXIES", "");
    return new ClientAddress(
        proxies.isBlank() ? List.of() : List.of(proxies.replace(" ", "").split(",", -1)));
  }

  @Bean
  SourceLimits sourceLimits(ClientAddress addresses, Environment environment) {
    return new SourceLimits(
        addresses,
        quota(environment, "failures", FAILURES_PER_SECOND, FAILURES_BURST),
        quota(environment, "secrets", SECRETS_PER_SECOND, SECRETS_BURST));
  }

  /** Returns a quota of each address, as {@code keyledger.floods.*} sets it. */
  private static SourceQuota quota(
      Environment environment, String name, long perSecond, long burst) {
    String prefix = "keyledger.floods." + name;
    return new SourceQuota(
        name,
        environment.getProperty(prefix + "-per-second", Long.class, perSecond),
        environment.getProperty(prefix + "-burst", Long.class, burst));
  }

  @Bean
  ApiCalls apiCalls(
      RootKeys rootKeys,
      OperatorKeys operatorKeys,
      Workspaces workspaces,
      Freshness freshness,
      SourceLimits limits,
      ClientAddress addresses) {
    var authentication = new Authentication(List.of(rootKeys, operatorKeys));
    return new ApiCalls(authentication, workspaces, freshness, limits, addresses);
  }

  @Bean
  WebMvcConfigurer apiCallArguments(ApiCalls calls) {
    return new WebMvcConfigurer() {
      @Override
      public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(calls);
      }
    };
  }
}
