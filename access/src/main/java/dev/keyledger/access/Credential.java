package dev.keyledger.access;

import dev.keyledger.log.AppliedLog;
import dev.keyledger.verification.secret.KeySecret;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A presented credential.
 *
 * @param secret the presented secret
 * @param address the IP address that it came from; null if unknown
 * @param knowledgeAgeMax the maximum age of this node's knowledge of keys for the request
 * @param ofHolders whether the request also admits keys that may change only themselves
 */
public record Credential(
    KeySecret secret, @Nullable String address, Duration knowledgeAgeMax, boolean ofHolders) {

  /**
   * Requires that this node's knowledge is recent enough for the credential.
   *
   * @throws StaleKnowledgeException if it is older than the credential allows
   */
  void requireKnowledge(AppliedLog log) {
    if (!log.caughtUpOnce()
        || log.failure().isPresent()
        || log.sinceContact().compareTo(knowledgeAgeMax) > 0) {
      throw new StaleKnowledgeException();
    }
  }
}
