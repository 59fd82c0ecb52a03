package dev.keyledger.spring;

import org.springframework.security.authorization.AuthorizationResult;
import org.springframework.security.authorization.ReactiveAuthorizationManager;
import org.springframework.security.config.web.server.SecurityWebFiltersOrder;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.server.csrf.CsrfWebFilter;
import org.springframework.security.web.server.util.matcher.AndServerWebExchangeMatcher;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatcher;
import org.springframework.security.web.server.util.matcher.ServerWebExchangeMatcher.MatchResult;
import reactor.core.publisher.Mono;

/**
 * Makes a {@code SecurityWebFilterChain} of the application accept API keys: a bean, of which the
 * chain calls {@link #accept}.
 */
public final class ApiKeyServerSecurity {
  private final ApiKeyAuthenticator authenticator;

  ApiKeyServerSecurity(ApiKeyAuthenticator authenticator) {
    this.authenticator = authenticator;
  }

  /**
   * Returns a condition for requests, as in {@code
   * pathMatchers("/users").access(permission("read:users"))}: the key must hold all of some
   * permissions.
   *
   * @throws IllegalArgumentException if none is given, or one is not a permission or has a wildcard
   */
  public static <T> ReactiveAuthorizationManager<T> permission(String... permissions) {
    RequiredPermissions required = RequiredPermissions.allOf(permissions);
    return (authentication, request) -> judge(required, authentication);
  }

  static Mono<AuthorizationResult> judge(
      RequiredPermissions required, Mono<Authentication> authentication) {
    return authentication
        .map(required::judge)
        .switchIfEmpty(Mono.fromSupplier(() -> required.judge(null)))
        .cast(AuthorizationResult.class);
  }

  /**
   * Adds the filter that checks keys, and answers with problems: 401 without a valid key, 403
   * without the required permission, 503 while keys cannot be checked. Requests with a key need no
   * CSRF token, because browsers do not send keys by themselves. The chain still defines the rules
   * for each request.
   *
   * @return its argument
   */
  public ServerHttpSecurity accept(ServerHttpSecurity http) {
    return http.addFilterAt(
            new ApiKeyWebFilter(authenticator), SecurityWebFiltersOrder.AUTHENTICATION)
        .exceptionHandling(exceptions ->
            exceptions
                .authenticationEntryPoint(
                    (exchange, unknown) -> ApiKeyWebFilter.write(Refusal.UNAUTHORIZED, exchange))
                .accessDeniedHandler((exchange, denied) ->
                    ApiKeyWebFilter.write(Refusal.forbidden(denied), exchange)))
        .csrf(csrf -> csrf.requireCsrfProtectionMatcher(changesSomethingWithoutKey()));
  }

  private ServerWebExchangeMatcher changesSomethingWithoutKey() {
    return new AndServerWebExchangeMatcher(
        CsrfWebFilter.DEFAULT_CSRF_MATCHER,
        exchange ->
            ApiKeyWebFilter.keyIn(authenticator, exchange) == null
                ? MatchResult.match()
                : MatchResult.notMatch());
  }
}
