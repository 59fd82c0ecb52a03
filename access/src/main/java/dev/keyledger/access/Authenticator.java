package dev.keyledger.access;

import java.util.Optional;

/**
 * Recognises one kind of credential. All authenticators are tried in turn; controllers do not know
 * which one succeeded.
 */
@FunctionalInterface
public interface Authenticator {
  /** Returns the bearer of a credential, or empty if this authenticator does not recognise it. */
  Optional<Identity> authenticate(Credential credential);
}
