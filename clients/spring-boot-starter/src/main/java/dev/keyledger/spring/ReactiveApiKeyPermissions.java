package dev.keyledger.spring;

import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContext;
import reactor.core.publisher.Mono;

/**
 * The bean {@code keyledger} of expressions in WebFlux, as in
 * {@code @PreAuthorize("@keyledger.permits('read:users')")}.
 */
public final class ReactiveApiKeyPermissions {
  ReactiveApiKeyPermissions() {}

  /**
   * Returns whether the request came with a key that holds all of some permissions, by itself or by
   * a wildcard.
   *
   * @throws IllegalArgumentException if none is given, or one is not a permission or has a wildcard
   */
  public Mono<Boolean> permits(String... permissions) {
    RequiredPermissions required = RequiredPermissions.allOf(permissions);
    return ReactiveSecurityContextHolder.getContext()
        .mapNotNull(SecurityContext::getAuthentication)
        .map(authentication -> required.judge(authentication).isGranted())
        .defaultIfEmpty(false);
  }
}
