package dev.keyledger.log.axon;

import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.axonframework.common.IdentifierFactory;

/**
 * Names Axon's messages by a random UUID of this process and a count. Axon's own factory asks
 * SecureRandom for each message, which costs more than the rest of a message, and nothing here
 * relies on these names being hard to guess.
 *
 * <p>Found through {@code META-INF/services}.
 */
public final class CountingIdentifierFactory extends IdentifierFactory {
  private final String prefix = UUID.randomUUID() + "-";
  private final AtomicLong count = new AtomicLong();

  @Override
  public String generateIdentifier() {
    return prefix + count.incrementAndGet();
  }
}
