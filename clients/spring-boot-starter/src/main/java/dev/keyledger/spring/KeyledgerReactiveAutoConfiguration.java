package dev.keyledger.spring;

import org.springframework.aop.Advisor;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.security.autoconfigure.actuate.web.reactive.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.security.authentication.ProviderNotFoundException;
import org.springframework.security.authentication.ReactiveAuthenticationManager;
import org.springframework.security.authorization.method.AuthorizationInterceptorsOrder;
import org.springframework.security.authorization.method.AuthorizationManagerBeforeReactiveMethodInterceptor;
import org.springframework.security.config.annotation.method.configuration.EnableReactiveMethodSecurity;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.userdetails.ReactiveUserDetailsService;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.WebFilterChainProxy;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import org.springframework.util.ClassUtils;
import org.springframework.web.cors.reactive.PreFlightRequestHandler;
import org.springframework.web.cors.reactive.PreFlightRequestWebFilter;
import org.springframework.web.reactive.config.WebFluxConfigurer;
import reactor.core.publisher.Mono;

/** Guards WebFlux: all requests but health, unless the application configures otherwise. */
@AutoConfiguration(
    after = KeyledgerAutoConfiguration.class,
    beforeName = {
      "org.springframework.boot.security.autoconfigure.ReactiveUserDetailsServiceAutoConfiguration",
      "org.springframework.boot.security.autoconfigure.actuate.web.reactive.ReactiveManagementWebSecurityAutoConfiguration",
      "org.springframework.boot.security.autoconfigure.web.reactive.ReactiveWebSecurityAutoConfiguration"
    })
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
@ConditionalOnClass({WebFluxConfigurer.class, WebFilterChainProxy.class, Mono.class})
public final class KeyledgerReactiveAutoConfiguration {
  @Bean
  ReactiveApiKeyPermissions keyledger() {
    return new ReactiveApiKeyPermissions();
  }

  @Bean
  ApiKeyServerSecurity apiKeyServerSecurity(ApiKeyAuthenticator authenticator) {
    return new ApiKeyServerSecurity(authenticator);
  }

  @Bean
  @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
  static Advisor requiresPermissionInterceptor() {
    var pointcut = new RequiresPermissionPointcut();
    var interceptor =
        new AuthorizationManagerBeforeReactiveMethodInterceptor(
            pointcut,
            (authentication, call) ->
                ApiKeyServerSecurity.judge(pointcut.required(call), authentication));
    interceptor.setOrder(AuthorizationInterceptorsOrder.PRE_AUTHORIZE.getOrder());
    return interceptor;
  }

  /** Enables {@code @PreAuthorize}, unless the application has done so itself. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnMissingBean(name = "preAuthorizeAuthorizationMethodInterceptor")
  @EnableReactiveMethodSecurity(proxyTargetClass = true)
  static class MethodSecurityConfiguration {}

  /** The chain of an application without its own. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnMissingBean({SecurityWebFilterChain.class, WebFilterChainProxy.class})
  static class ChainConfiguration {
    @Bean
    SecurityWebFilterChain keyledgerSecurityFilterChain(
        ServerHttpSecurity http,
        ApiKeyServerSecurity keys,
        KeyledgerProperties settings,
        PreFlightRequestHandler preFlight) {
      return keys.accept(http)
          .csrf(ServerHttpSecurity.CsrfSpec::disable)
          .addFilterAt(new PreFlightRequestWebFilter(preFlight), SecurityWebFiltersOrder.CORS)
          .securityContextRepository(NoOpServerSecurityContextRepository.getInstance())
          .requestCache(ServerHttpSecurity.RequestCacheSpec::disable)
          .logout(ServerHttpSecurity.LogoutSpec::disable)
          .authorizeExchange(requests -> {
            if (isPresent("org.springframework.boot.actuate.endpoint.web.WebServerNamespace")
                && isPresent("org.springframework.boot.health.actuate.endpoint.HealthEndpoint")) {
              Actuator.guard(requests, settings.actuatorPermission());
            }
            requests.anyExchange().authenticated();
          })
          .build();
    }

    /** Keeps Spring Boot from creating a user with a password: nothing here would ask for it. */
    @Bean
    @ConditionalOnMissingBean({
      ReactiveAuthenticationManager.class,
      ReactiveUserDetailsService.class
    })
    ReactiveAuthenticationManager onlyKeysAuthenticationManager() {
      return authentication ->
          Mono.error(new ProviderNotFoundException("API keys are the only credentials"));
    }

    private static boolean isPresent(String type) {
      return ClassUtils.isPresent(type, ChainConfiguration.class.getClassLoader());
    }
  }

  /** The same as the class for servlets. */
  private static final class Actuator {
    static void guard(ServerHttpSecurity.AuthorizeExchangeSpec requests, String permission) {
      requests
          .matchers(
              EndpointRequest.to(HealthEndpoint.class),
              EndpointRequest.toAdditionalPaths(WebServerNamespace.SERVER, HealthEndpoint.class))
          .permitAll()
          .matchers(EndpointRequest.toAnyEndpoint())
          .access(ApiKeyServerSecurity.permission(permission));
    }
  }
}
