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
 * @param ofHolders whether the request is also for keys that may do something to themselves only
 */
public record Credential(
    KeySecret secret, @Nullable String address, Duration knowledgeAgeMax, boolean ofHolders) {

  /**
   * @throws StaleKnowledgeException if what this node knows of the log is older than allowed
   */
  void requireKnowledge(AppliedLog log) {
    if (!log.caughtUpOnce()
        || log.failure().isPresent()
        || log.sinceContact().compareTo(knowledgeAgeMax) > 0) {
      throw new StaleKnowledgeException();
    }
  }
}
