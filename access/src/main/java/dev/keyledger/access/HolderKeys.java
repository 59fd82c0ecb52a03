package dev.keyledger.access;

import dev.keyledger.log.AppliedLog;
import dev.keyledger.verification.KeyVerifier;
import dev.keyledger.verification.decision.PresentedKey;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Recognises the holders of keys by their own secrets. Decides from memory. An authentication does
 * not count as a use of the key.
 */
public final class HolderKeys {
  private final KeyVerifier verifier;
  private final AppliedLog log;
  private final InstantSource clock;

  public HolderKeys(KeyVerifier verifier, AppliedLog log, InstantSource clock) {
    this.verifier = verifier;
    this.log = log;
    this.clock = clock;
  }

  /**
   * Returns the holder of the key; empty if the secret is dead or unknown, the key expired too long
   * ago, its issuer is not valid, or it may not be used from this address.
   *
   * @param workspace the workspace that may have imported the secret; a key of another one is not
   *     found if the request names it
   * @throws StaleKnowledgeException if this node's knowledge is older than the credential allows
   */
  public Optional<Holder> authenticate(Credential credential, @Nullable String workspace) {
    credential.requireKnowledge(log);
    Instant now = clock.instant();
    PresentedKey found =
        verifier.keyOf(credential.secret(), workspace == null ? Workspaces.DEFAULT : workspace);
    if (found == null
        || (workspace != null && !workspace.equals(found.workspace()))
        || !isAccepted(found, credential.address(), now)) {
      return Optional.empty();
    }
    return Optional.of(new Holder(found));
  }

  private static boolean isAccepted(PresentedKey key, @Nullable String address, Instant now) {
    Instant renewableUntil = key.renewableUntil();
    return !key.isRevokedAt(now)
        && key.isAlive(now)
        && (!key.isExpiredAt(now) || renewableUntil == null || now.isBefore(renewableUntil))
        && key.issuerFault(now, address) == null
        && key.ipAllowList().contains(address);
  }
}
