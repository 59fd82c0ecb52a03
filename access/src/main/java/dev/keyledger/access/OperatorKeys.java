package dev.keyledger.access;

import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.events.KeyView;
import dev.keyledger.log.AppliedLog;
import dev.keyledger.verification.Decision;
import dev.keyledger.verification.FoundKey;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.Permission;
import dev.keyledger.verification.PermissionSet;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Recognises operators: keys that Keyledger made itself and that hold {@code keyledger:}
 * permissions, good by the same verifier as everybody's. A key of a customer is no credential here,
 * whatever wildcards it holds. Decided from memory.
 */
public final class OperatorKeys implements Authenticator {
  private final KeyVerifier verifier;
  private final AppliedLog log;
  private final InstantSource clock;

  public OperatorKeys(KeyVerifier verifier, AppliedLog log, InstantSource clock) {
    this.verifier = verifier;
    this.log = log;
    this.clock = clock;
  }

  /**
   * @throws StaleKnowledgeException if this node knows nothing that is as new as it has to be
   */
  @Override
  public Optional<Identity> authenticate(Credential credential) {
    if (!log.caughtUpOnce()
        || log.failure().isPresent()
        || log.sinceContact().compareTo(credential.knowledgeAgeMax()) > 0) {
      throw new StaleKnowledgeException();
    }
    Decision decision =
        verifier.verifyWhereItBelongs(credential.secret(), credential.address(), clock.instant());
    return decision.valid() && decision.found() != null
        ? operator(decision.found())
        : Optional.empty();
  }

  private static Optional<Identity> operator(FoundKey found) {
    PermissionSet held = found.permissions();
    if (held.permissions().stream().noneMatch(Permission::isKeyledgers)) {
      return Optional.empty();
    }
    KeyView key = found.view();
    return Optional.of(
        new Identity(
            new Actor(ActorType.OPERATOR, key.keyId().value()),
            key.workspace(),
            new Ceiling(held, key.facts().validity().expiresAt(), found.ipAllowList())));
  }
}
