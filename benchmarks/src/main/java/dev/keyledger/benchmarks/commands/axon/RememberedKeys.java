package dev.keyledger.benchmarks.commands.axon;

import dev.keyledger.events.KeyId;
import org.axonframework.common.caching.Cache;
import org.springframework.context.ApplicationContext;

/** The keys that a command-side process remembers. */
public final class RememberedKeys {
  private final Cache keys;

  public RememberedKeys(ApplicationContext node) {
    this.keys = node.getBean(Cache.class);
  }

  /** Makes the next command on that key read it. */
  public void forget(KeyId key) {
    keys.remove(key.value());
  }
}
