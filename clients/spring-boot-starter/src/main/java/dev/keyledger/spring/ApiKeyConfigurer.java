package dev.keyledger.spring;

import org.springframework.context.ApplicationContext;
import org.springframework.security.authorization.AuthorizationManager;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.CsrfConfigurer;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.util.matcher.AnyRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/**
 * Makes a {@code SecurityFilterChain} of the application accept API keys: {@code http.with(new
 * ApiKeyConfigurer(), withDefaults())}.
 *
 * <p>Adds the filter that checks keys, and answers with problems: 401 without a valid key, 403
 * without the required permission, 503 while keys cannot be checked. Requests with a key need no
 * CSRF token, because browsers do not send keys by themselves. The chain still defines the rules
 * for each request.
 */
public final class ApiKeyConfigurer extends AbstractHttpConfigurer<ApiKeyConfigurer, HttpSecurity> {

  /**
   * Returns a condition for requests, as in {@code
   * requestMatchers("/users").access(permission("read:users"))}: the key must hold all of some
   * permissions.
   *
   * @throws IllegalArgumentException if none is given, or one is not a permission or has a wildcard
   */
  public static <T> AuthorizationManager<T> permission(String... permissions) {
    RequiredPermissions required = RequiredPermissions.allOf(permissions);
    return (authentication, request) -> required.judge(authentication.get());
  }

  @Override
  public void init(HttpSecurity http) {
    ApiKeyAuthenticator authenticator = authenticator(http);
    RequestMatcher withKey = request -> ApiKeyFilter.keyIn(authenticator, request) != null;
    http.exceptionHandling(exceptions ->
        exceptions
            .defaultAuthenticationEntryPointFor(
                (request, response, unknown) -> ApiKeyFilter.write(Refusal.UNAUTHORIZED, response),
                AnyRequestMatcher.INSTANCE)
            .defaultAccessDeniedHandlerFor(
                (request, response, denied) ->
                    ApiKeyFilter.write(Refusal.forbidden(denied), response),
                withKey));
    @SuppressWarnings("unchecked")
    CsrfConfigurer<HttpSecurity> csrf = http.getConfigurer(CsrfConfigurer.class);
    if (csrf != null) {
      csrf.ignoringRequestMatchers(withKey);
    }
  }

  @Override
  public void configure(HttpSecurity http) {
    http.addFilterBefore(
        new ApiKeyFilter(authenticator(http), getSecurityContextHolderStrategy()),
        AnonymousAuthenticationFilter.class);
  }

  private static ApiKeyAuthenticator authenticator(HttpSecurity http) {
    return http.getSharedObject(ApplicationContext.class).getBean(ApiKeyAuthenticator.class);
  }
}
