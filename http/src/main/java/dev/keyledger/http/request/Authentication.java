package dev.keyledger.http.request;

import dev.keyledger.access.Authenticator;
import dev.keyledger.access.Credential;
import dev.keyledger.access.Identity;
import dev.keyledger.access.StaleKnowledgeException;
import dev.keyledger.http.ProblemCode;
import dev.keyledger.http.ProblemException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Recognises credentials, by asking several authenticators in turn. Thread-safe. */
public final class Authentication {
  private final List<Authenticator> authenticators;

  /**
   * @param authenticators asked in this order
   */
  public Authentication(List<Authenticator> authenticators) {
    this.authenticators = List.copyOf(authenticators);
  }

  /**
   * Returns the bearer of a credential, or empty if no authenticator recognises it.
   *
   * @throws ProblemException with {@code stale} if this node's knowledge of operators is too old
   */
  Optional<Identity> identify(Credential credential) {
    return fresh(() -> {
      for (Authenticator authenticator : authenticators) {
        Optional<Identity> identity = authenticator.authenticate(credential);
        if (identity.isPresent()) {
          return identity;
        }
      }
      return Optional.empty();
    });
  }

  /**
   * Returns the recognised bearer.
   *
   * @throws ProblemException with {@code stale} if this node's knowledge of keys is too old
   */
  static <T> Optional<T> fresh(Supplier<Optional<T>> recognised) {
    try {
      return recognised.get();
    } catch (StaleKnowledgeException stale) {
      throw new ProblemException(
          ProblemCode.STALE, "This node has not heard of the log for too long to know callers.");
    }
  }
}
