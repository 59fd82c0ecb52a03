package dev.keyledger.spring;

import dev.keyledger.client.Decision;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a key is valid. An application that declares such a bean makes the decision
 * itself, and no client of the service is created. Must be thread-safe; may block.
 */
@FunctionalInterface
public interface ApiKeyVerifier {
  /**
   * Returns the decision on a key, without regard to permissions; empty if there can be none now,
   * so that the request is refused with a 503.
   *
   * @param key 1 to 4,096 visible ASCII characters
   * @param ip the address of the client; null if it is unknown
   */
  Optional<Decision> verify(String key, @Nullable String ip);
}
