package dev.keyledger.spring;

import static org.springframework.security.config.Customizer.withDefaults;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import org.springframework.aop.Advisor;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.annotation.Order;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.AuthenticationProvider;
import org.springframework.security.authentication.ProviderNotFoundException;
import org.springframework.security.authorization.method.AuthorizationInterceptorsOrder;
import org.springframework.security.authorization.method.AuthorizationManagerBeforeMethodInterceptor;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.AuthorizeHttpRequestsConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.util.ClassUtils;

/** Guards servlets: all requests but health, unless the application configures otherwise. */
@AutoConfiguration(
    after = KeyledgerAutoConfiguration.class,
    beforeName = {
      "org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration",
      "org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration",
      "org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration"
    })
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({Filter.class, SecurityFilterChain.class})
public final class KeyledgerServletAutoConfiguration {
  @Bean
  ApiKeyPermissions keyledger() {
    return new ApiKeyPermissions();
  }

  @Bean
  @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
  static Advisor requiresPermissionInterceptor() {
    var pointcut = new RequiresPermissionPointcut();
    var interceptor =
        new AuthorizationManagerBeforeMethodInterceptor(
            pointcut,
            (authentication, call) -> pointcut.required(call).judge(authentication.get()));
    interceptor.setOrder(AuthorizationInterceptorsOrder.PRE_AUTHORIZE.getOrder());
    return interceptor;
  }

  /** Enables {@code @PreAuthorize}, unless the application has done so itself. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnMissingBean(name = "preAuthorizeAuthorizationMethodInterceptor")
  @EnableMethodSecurity(proxyTargetClass = true)
  static class MethodSecurityConfiguration {}

  /** The chain of an application without its own. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnMissingBean(SecurityFilterChain.class)
  static class ChainConfiguration {
    @Bean
    @Order(SecurityFilterProperties.BASIC_AUTH_ORDER)
    SecurityFilterChain keyledgerSecurityFilterChain(
        HttpSecurity http, KeyledgerProperties settings) {
      return http.with(new ApiKeyConfigurer(), withDefaults())
          .csrf(AbstractHttpConfigurer::disable)
          .cors(withDefaults())
          .sessionManagement(
              sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
          .requestCache(AbstractHttpConfigurer::disable)
          .logout(AbstractHttpConfigurer::disable)
          .authorizeHttpRequests(requests -> {
            // The error page of a request that was permitted.
            requests.dispatcherTypeMatchers(DispatcherType.ERROR).permitAll();
            if (isPresent("org.springframework.boot.actuate.endpoint.web.WebServerNamespace")
                && isPresent("org.springframework.boot.health.actuate.endpoint.HealthEndpoint")) {
              Actuator.guard(requests, settings.actuatorPermission());
            }
            requests.anyRequest().authenticated();
          })
          .build();
    }

    /** Keeps Spring Boot from creating a user with a password: nothing here would ask for it. */
    @Bean
    @ConditionalOnMissingBean({
      AuthenticationManager.class,
      AuthenticationProvider.class,
      UserDetailsService.class
    })
    AuthenticationManager onlyKeysAuthenticationManager() {
      return authentication -> {
        throw new ProviderNotFoundException("API keys are the only credentials");
      };
    }

    private static boolean isPresent(String type) {
      return ClassUtils.isPresent(type, ChainConfiguration.class.getClassLoader());
    }
  }

  /**
   * The configuration with Actuator. A separate class, because an application may lack Actuator.
   */
  private static final class Actuator {
    /**
     * Opens health, because the probes that ask for it have no key, and it shows only UP or DOWN
     * unless the application configures otherwise. The other endpoints are not for every key.
     */
    static void guard(
        AuthorizeHttpRequestsConfigurer<HttpSecurity>.AuthorizationManagerRequestMatcherRegistry
            requests,
        String permission) {
      requests
          .requestMatchers(
              EndpointRequest.to(HealthEndpoint.class),
              EndpointRequest.toAdditionalPaths(WebServerNamespace.SERVER, HealthEndpoint.class))
          .permitAll()
          .requestMatchers(EndpointRequest.toAnyEndpoint())
          .access(ApiKeyConfigurer.permission(permission));
    }
  }
}
