package dev.keyledger.spring.test;

import dev.keyledger.client.Decision;
import dev.keyledger.client.Decision.CheckedKey;
import dev.keyledger.client.DecisionCode;
import dev.keyledger.client.Environment;
import dev.keyledger.client.Owner;
import dev.keyledger.spring.ApiKeyPrincipal;
import dev.keyledger.spring.ApiKeyVerifier;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A service for tests, with the keys that the test issues. Tests that share a context share it: see
 * {@link #reset}. Thread-safe.
 */
public final class FakeKeyledger implements ApiKeyVerifier {
  private final Map<String, Decision> decisions = new ConcurrentHashMap<>();
  private final AtomicInteger issued = new AtomicInteger();
  private volatile boolean cutOff;

  FakeKeyledger() {}

  /**
   * Issues a key of {@code service:test} with permissions, which may have wildcards; returns the
   * secret to send.
   *
   * @throws IllegalArgumentException if one is not a permission
   */
  public String issue(String... permissions) {
    return issue(Owner.service("test"), permissions);
  }

  /** Issues a key of another owner. */
  public String issue(Owner owner, String... permissions) {
    int number = issued.incrementAndGet();
    var key =
        new CheckedKey(
            "key_fake" + number,
            "Fake key " + number,
            "default",
            owner,
            Environment.LIVE,
            List.of(permissions),
            Map.of(),
            null,
            null,
            false,
            1,
            1,
            null);
    String secret = "kl_live_fake" + number;
    decisions.put(secret, decision(DecisionCode.VALID, new ApiKeyPrincipal(key).key()));
    return secret;
  }

  /** Revokes a key. */
  public void revoke(String secret) {
    decisions.computeIfPresent(
        secret, (same, known) -> decision(DecisionCode.REVOKED, known.key()));
  }

  /** Simulates an unreachable service, until {@link #reset}. */
  public void cutOff() {
    cutOff = true;
  }

  /** Deletes all keys, and becomes reachable again. */
  public void reset() {
    decisions.clear();
    cutOff = false;
  }

  @Override
  public Optional<Decision> verify(String key, @Nullable String ip) {
    return cutOff
        ? Optional.empty()
        : Optional.of(decisions.getOrDefault(key, decision(DecisionCode.NOT_FOUND, null)));
  }

  private static Decision decision(DecisionCode code, @Nullable CheckedKey key) {
    return new Decision(
        code == DecisionCode.VALID,
        code,
        key,
        List.of(),
        null,
        List.of(),
        1,
        Instant.EPOCH,
        Decision.Source.SERVICE);
  }
}
