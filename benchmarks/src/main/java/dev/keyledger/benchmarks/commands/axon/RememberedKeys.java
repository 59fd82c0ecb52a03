package dev.keyledger.benchmarks.commands.axon;

import dev.keyledger.events.KeyId;
import org.axonframework.common.caching.Cache;
import org.springframework.context.ApplicationContext;

/** The cached keys of a command-side process. */
public final class RememberedKeys {
  private final Cache keys;

  public RememberedKeys(ApplicationContext node) {
    this.keys = node.getBean(Cache.class);
  }

  /** Evicts a key, so that the next command reads it. */
  public void forget(KeyId key) {
    keys.remove(key.value());
  }
}
