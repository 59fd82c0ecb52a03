package dev.keyledger.spring;

import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.GrantedAuthority;

/** A request with a valid key. Does not hold the secret: {@link #getCredentials} returns null. */
public final class ApiKeyAuthentication extends AbstractAuthenticationToken {
  private static final long serialVersionUID = 1;

  private final transient ApiKeyPrincipal principal;

  /**
   * @param authorities the permissions of the key, wildcards included, and the authorities that the
   *     settings add for them
   */
  public ApiKeyAuthentication(
      ApiKeyPrincipal principal, Collection<? extends GrantedAuthority> authorities) {
    super(authorities);
    this.principal = principal;
    setAuthenticated(true);
  }

  @Override
  public ApiKeyPrincipal getPrincipal() {
    return principal;
  }

  @Override
  public @Nullable Object getCredentials() {
    return null;
  }
}
