package dev.keyledger.access;

import dev.keyledger.conditions.Permission;
import dev.keyledger.conditions.PermissionSet;
import dev.keyledger.events.Actor;
import dev.keyledger.events.ActorType;
import dev.keyledger.log.AppliedLog;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.Decision;
import dev.keyledger.verification.decision.PresentedKey;
import dev.keyledger.verification.index.LastUses;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Recognises operators: keys that Keyledger minted and that hold {@code keyledger:} permissions
 * other than {@code keyledger:self:}, verified like all other keys. A key that holds only those is
 * recognised as a holder, and only where a request is for holders too. Another customer's key is
 * not a credential, whatever wildcards it holds. Decides from memory.
 */
public final class OperatorKeys implements Authenticator {
  private final KeyVerifier verifier;
  private final AppliedLog log;
  private final InstantSource clock;
  private final LastUses uses;

  /**
   * @param uses records each recognised key
   */
  public OperatorKeys(KeyVerifier verifier, AppliedLog log, InstantSource clock, LastUses uses) {
    this.verifier = verifier;
    this.log = log;
    this.uses = uses;
    this.clock = clock;
  }

  /**
   * @throws StaleKnowledgeException if this node's knowledge is older than the credential allows
   */
  @Override
  public Optional<Identity> authenticate(Credential credential) {
    credential.requireKnowledge(log);
    Instant now = clock.instant();
    Decision decision =
        verifier.verifyInOwnWorkspace(credential.secret(), credential.address(), now);
    if (!decision.valid() || decision.found() == null) {
      return Optional.empty();
    }
    Optional<Identity> identity = identity(decision.found(), credential.ofHolders());
    if (identity.isPresent()) {
      uses.use(decision.found(), now);
    }
    return identity;
  }

  private static Optional<Identity> identity(PresentedKey found, boolean ofHolders) {
    PermissionSet held = found.permissions();
    ActorType type;
    if (held.permissions().stream().anyMatch(Permission::isOperators)) {
      type = ActorType.OPERATOR;
    } else if (ofHolders && held.permissions().stream().anyMatch(Permission::isOfItself)) {
      type = ActorType.HOLDER;
    } else {
      return Optional.empty();
    }
    return Optional.of(
        new Identity(
            new Actor(type, found.keyId().value()),
            found.workspace(),
            new Ceiling(held, found.expiresAt(), found.ipAllowList())));
  }
}
