package dev.keyledger.http.request;

import dev.keyledger.access.HolderKeys;
import dev.keyledger.access.OperatorKeys;
import dev.keyledger.access.QueryTurns;
import dev.keyledger.access.RootKeys;
import dev.keyledger.access.Workspaces;
import dev.keyledger.http.HttpConfiguration;
import dev.keyledger.http.arrival.ArrivalConfiguration;
import dev.keyledger.http.freshness.Freshness;
import dev.keyledger.http.freshness.FreshnessConfiguration;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.json.JsonMapper;

/** Wires the reading and authorizing of requests, and the writing of responses, for both sides. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(HttpProperties.class)
@Import({HttpConfiguration.class, ArrivalConfiguration.class, FreshnessConfiguration.class})
public class RequestConfiguration {
  @Bean
  ClientAddress clientAddress(HttpProperties properties) {
    return new ClientAddress(properties.trustedProxies());
  }

  @Bean
  SourceLimits sourceLimits(ClientAddress addresses, HttpProperties properties) {
    return new SourceLimits(
        addresses, properties.limits().failures(), properties.limits().secrets());
  }

  @Bean
  ApiCalls apiCalls(
      RootKeys rootKeys,
      OperatorKeys operatorKeys,
      HolderKeys holderKeys,
      Workspaces workspaces,
      Freshness freshness,
      SourceLimits limits,
      ClientAddress addresses) {
    var authentication = new Authentication(List.of(rootKeys, operatorKeys));
    return new ApiCalls(authentication, holderKeys, workspaces, freshness, limits, addresses);
  }

  @Bean
  QueryTurns queryTurns() {
    return new QueryTurns();
  }

  @Bean
  Bulkhead bulkhead(QueryTurns turns) {
    return new Bulkhead(turns, QueryTurns.WAIT_MAX);
  }

  @Bean
  Admission admission(
      ApiCalls calls,
      ObjectProvider<CommandQuota> quota,
      Bulkhead bulkhead,
      @Qualifier("requestMappingHandlerMapping")
          ObjectProvider<RequestMappingHandlerMapping> controllers) {
    return new Admission(calls, quota, bulkhead, controllers);
  }

  @Bean
  WebMvcConfigurer apiCallArguments(Admission admission, Bulkhead bulkhead, JsonMapper json) {
    return new WebMvcConfigurer() {
      @Override
      public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
        resolvers.add(admission);
      }

      @Override
      public void addInterceptors(InterceptorRegistry interceptors) {
        interceptors.addInterceptor(bulkhead);
      }

      @Override
      public void configureMessageConverters(HttpMessageConverters.ServerBuilder converters) {
        var _ = converters.withJsonConverter(new BufferedJson(json, bulkhead));
      }
    };
  }
}
