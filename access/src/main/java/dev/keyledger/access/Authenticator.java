package dev.keyledger.access;

import java.util.Optional;

/**
 * One way to recognise a credential. All of them are asked in turn; controllers never know which
 * one answered.
 */
@FunctionalInterface
public interface Authenticator {
  /** Whose credential it is, or empty if this way does not recognise it. */
  Optional<Identity> authenticate(Credential credential);
}
